import { chmod, link, lstat, mkdir, open, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { AcceptedEntry } from './archive-tree.ts';

/**
 * Creates accepted entries below a folder. It follows no link: files are made with O_EXCL, and every parent is a
 * folder that it made itself, since `ArchiveTree` accepts nothing below a link.
 */
export class TreeWriter {
  readonly #destination: string;
  readonly #folders = new Set<string>();
  /** Set at the end, so that folders without the write bit can be filled. */
  readonly #folderModes = new Map<string, number>();

  constructor(destination: string) {
    this.#destination = destination;
    this.#folders.add(destination);
  }

  /** Writes one entry; `content` is read only for files. */
  async write(entry: AcceptedEntry, content: AsyncIterable<Buffer>): Promise<void> {
    const path = join(this.#destination, entry.path);
    await this.#makeFolder(entry.kind === 'directory' ? path : dirname(path));
    switch (entry.kind) {
      case 'directory':
        this.#folderModes.set(path, entry.mode);
        return;
      case 'file':
        return writeFile(path, entry.mode, content);
      case 'symlink':
        return symlink(entry.target, path);
      case 'hard-link':
        return link(join(this.#destination, entry.target), path);
    }
  }

  /** To be called after the last entry. */
  async finish(): Promise<void> {
    for (const [path, mode] of this.#folderModes) {
      // Also the caller must be able to read and to remove it.
      await chmod(path, mode | 0o700);
    }
  }

  async #makeFolder(path: string): Promise<void> {
    if (this.#folders.has(path)) return;
    await this.#makeFolder(dirname(path));
    await mkdir(path, { mode: 0o755 }).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST' || !(await lstat(path)).isDirectory()) throw error;
    });
    this.#folders.add(path);
  }
}

async function writeFile(path: string, mode: number, content: AsyncIterable<Buffer>): Promise<void> {
  await using file = await open(path, 'wx');
  for await (const chunk of content) await file.writeFile(chunk);
  // Whatever the umask says.
  await file.chmod(mode);
}
