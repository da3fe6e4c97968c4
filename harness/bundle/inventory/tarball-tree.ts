import { posix } from 'node:path';

import { ArchiveTree, defaultArchiveLimits } from '../../host/archive/archive-tree.ts';
import { readArchive } from '../../host/archive/read-archive.ts';
import { piecesSource } from '../../host/elf/elf-source.ts';
import { isTelling, readContent } from './file-content.ts';
import type { FileContent, FileTree, TreeEntry } from './file-tree.ts';

/** Among these are compiled time zones, which their first bytes tell. */
const zoneFolders = /\/(timezone|tzdata|zoneinfo)\//;
const headBytes = 256;

type MutableDirectory = TreeEntry & { readonly kind: 'directory'; readonly names: string[] };

/** A tree that is in memory: names, modes, and of the files what is of interest. */
class KnownTree implements FileTree {
  readonly #entries = new Map<string, TreeEntry>([['/', emptyFolder()]]);
  readonly #contents = new Map<string, FileContent>();

  readonly entry = (path: string): TreeEntry | undefined => this.#entries.get(path);

  readonly content = (path: string): FileContent => this.#contents.get(path) ?? { kind: 'other' };

  add(path: string, entry: TreeEntry, content?: FileContent): void {
    const known = this.#entries.get(path);
    // A folder may be named after what lies in it.
    if (known?.kind === 'directory' && entry.kind === 'directory') {
      this.#entries.set(path, { ...entry, names: known.names });
      return;
    }
    this.#entries.set(path, entry);
    if (content !== undefined) this.#contents.set(path, content);
    const parent = posix.dirname(path);
    if (!this.#entries.has(parent)) this.add(parent, emptyFolder());
    (this.#entries.get(parent) as MutableDirectory).names.push(posix.basename(path));
  }

  sort(): void {
    for (const entry of this.#entries.values())
      if (entry.kind === 'directory') (entry as MutableDirectory).names.sort((a, b) => (a < b ? -1 : 1));
  }
}

/**
 * Looks at a bundle inside its tarball, in one pass and without unpacking it. Refuses what unpacking refuses: throws what
 * {@link readArchive} and {@link ArchiveTree} throw.
 */
export async function readTarballTree(path: string): Promise<FileTree> {
  const archive = new ArchiveTree(path);
  const tree = new KnownTree();
  await readArchive({
    path,
    destination: 'memory',
    limits: defaultArchiveLimits,
    visit: async (header, stream) => {
      const accepted = archive.accept(header);
      if (accepted === undefined) return;
      const name = `/${accepted.path}`;
      switch (accepted.kind) {
        case 'directory':
          tree.add(name, { ...emptyFolder(), mode: accepted.mode });
          break;
        case 'symlink':
          tree.add(name, { kind: 'symlink', target: accepted.target });
          break;
        case 'hard-link': {
          const target = `/${accepted.target}`;
          const entry = tree.entry(target);
          if (entry !== undefined) tree.add(name, entry, tree.content(target));
          break;
        }
        case 'file': {
          const { mode, sizeBytes } = accepted;
          tree.add(name, { kind: 'file', mode, sizeBytes }, await readTelling(name, mode, stream));
        }
      }
    },
    finish: () => {
      archive.checkLinks();
      tree.sort();
      return Promise.resolve();
    },
  });
  return tree;
}

function emptyFolder(): MutableDirectory {
  return { kind: 'directory', mode: 0o755, names: [] };
}

/** What a file holds, if anything asks for it; the others are passed over unread. */
async function readTelling(
  path: string,
  mode: number,
  stream: AsyncIterable<Buffer>,
): Promise<FileContent | undefined> {
  const isWhole = isTelling(path, mode);
  if (!isWhole && !zoneFolders.test(path)) return undefined;
  const pieces: Buffer[] = [];
  for await (const piece of stream) if (isWhole || pieces.length === 0) pieces.push(piece);
  return readContent(
    path,
    piecesSource(isWhole ? pieces : pieces.map((first) => first.subarray(0, headBytes))),
  );
}
