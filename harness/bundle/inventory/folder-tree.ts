import { closeSync, constants, lstatSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { join, posix } from 'node:path';

import { fileSource } from '../../host/elf/elf-source.ts';
import { readContent } from './file-content.ts';
import type { FileContent, FileTree, TreeEntry } from './file-tree.ts';

interface KnownEntry {
  readonly entry: TreeEntry;
  /** Equal for several names of one file. */
  readonly identity: string;
  readonly sizeBytes: number;
}

/**
 * A folder of this machine as a tree: an unpacked bundle, or a host's root. Everything is read when it is first asked for,
 * and once; no link is ever followed. Nobody may write in the folder meanwhile.
 */
export class FolderTree implements FileTree {
  readonly #directory: string;
  readonly #entries = new Map<string, KnownEntry | undefined>();
  readonly #contents = new Map<string, FileContent>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  readonly entry = (path: string): TreeEntry | undefined => this.#known(path)?.entry;

  readonly content = (path: string): FileContent => {
    const known = this.#known(path);
    if (known?.entry.kind !== 'file') return { kind: 'other' };
    const read = this.#contents.get(known.identity);
    if (read !== undefined) return read;
    const content = this.#read(path, known.sizeBytes);
    this.#contents.set(known.identity, content);
    return content;
  };

  #known(path: string): KnownEntry | undefined {
    if (this.#entries.has(path)) return this.#entries.get(path);
    const known = this.#look(path);
    this.#entries.set(path, known);
    return known;
  }

  #look(path: string): KnownEntry | undefined {
    // What lies below a link or a file is not there: the machine would follow the link out of the tree.
    if (path !== '/' && this.#known(posix.dirname(path))?.entry.kind !== 'directory') return undefined;
    const full = join(this.#directory, path);
    const stats = lstatSync(full, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    const { mode, size: sizeBytes } = stats;
    const known = (entry: TreeEntry): KnownEntry => ({
      entry,
      identity: `${String(stats.dev)}:${String(stats.ino)}`,
      sizeBytes,
    });
    if (stats.isDirectory())
      return known({ kind: 'directory', mode: mode & 0o7777, names: readdirSync(full).toSorted() });
    if (stats.isSymbolicLink()) return known({ kind: 'symlink', target: readlinkSync(full) });
    if (stats.isFile()) return known({ kind: 'file', mode: mode & 0o7777, sizeBytes });
    return known({ kind: 'special' });
  }

  #read(path: string, sizeBytes: number): FileContent {
    const descriptor = openSync(join(this.#directory, path), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return readContent(path, fileSource(descriptor, sizeBytes));
    } finally {
      closeSync(descriptor);
    }
  }
}
