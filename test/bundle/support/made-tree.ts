import { posix } from 'node:path';

import { readContent } from '../../../harness/bundle/inventory/file-content.ts';
import type { FileContent, FileTree, TreeEntry } from '../../../harness/bundle/inventory/file-tree.ts';
import { bufferSource } from '../../../harness/host/elf/elf-source.ts';

/** What a name in a made tree is: a link to somewhere, or a file with these bytes and, if it may be run, that mode. */
export type MadeEntry =
  { readonly link: string } | { readonly bytes: Buffer | string; readonly mode?: number };

/** A tree of files out of a list of paths; folders are made where they are needed. */
export function makeTree(entries: Readonly<Record<string, MadeEntry>>): FileTree {
  const made = new Map<string, TreeEntry>([['/', { kind: 'directory', mode: 0o755, names: [] }]]);
  const contents = new Map<string, FileContent>();
  const add = (path: string, entry: TreeEntry): void => {
    made.set(path, entry);
    const parent = posix.dirname(path);
    const known = made.get(parent);
    const names = known?.kind === 'directory' ? known.names : [];
    if (known === undefined) add(parent, { kind: 'directory', mode: 0o755, names: [posix.basename(path)] });
    else
      made.set(parent, {
        kind: 'directory',
        mode: 0o755,
        names: [...names, posix.basename(path)].toSorted(),
      });
  };
  for (const [path, entry] of Object.entries(entries)) {
    if ('link' in entry) {
      add(path, { kind: 'symlink', target: entry.link });
      continue;
    }
    const bytes = Buffer.from(entry.bytes);
    add(path, { kind: 'file', mode: entry.mode ?? 0o644, sizeBytes: bytes.length });
    contents.set(path, readContent(path, bufferSource(bytes)));
  }
  return {
    entry: (path) => made.get(path),
    content: (path) => contents.get(path) ?? { kind: 'other' },
  };
}
