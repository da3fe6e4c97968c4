import { createHash, hash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Below this a file is read whole, which is faster. */
const wholeFileBytes = 4 * 2 ** 20;
const filesAtOnce = 8;

/** SHA-256 of a file's bytes, as hexadecimal digits. */
export async function digestFile(path: string): Promise<string> {
  const digest = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), digest);
  return digest.digest('hex');
}

/** SHA-256 of many files, in their order; files that are one under several names are read once. */
export async function digestFiles(paths: readonly string[]): Promise<readonly string[]> {
  const byIdentity = new Map<string, Promise<string>>();
  const digests: string[] = Array.from({ length: paths.length }, () => '');
  const queue = paths.entries();
  const worker = async (): Promise<void> => {
    for (const [index, path] of queue) {
      const stats = await lstat(path);
      const identity = `${stats.dev}:${stats.ino}`;
      const known = byIdentity.get(identity) ?? digestContent(path, stats);
      byIdentity.set(identity, known);
      digests[index] = await known;
    }
  };
  await Promise.all(Array.from({ length: filesAtOnce }, worker));
  return digests;
}

/**
 * SHA-256 over a folder: names, kinds, run bits, link targets and contents, in the order of the names; times and owners
 * do not count.
 */
export async function digestFolder(directory: string): Promise<string> {
  const files: string[] = [];
  const lines: string[] = [];
  const walk = async (relative: string): Promise<void> => {
    const entries = await readdir(join(directory, relative), { withFileTypes: true });
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(relative, entry.name);
      const full = join(directory, path);
      if (entry.isDirectory()) {
        lines.push(`d\0${path}`);
        await walk(path);
      } else if (entry.isSymbolicLink()) {
        lines.push(`l\0${path}\0${await readlink(full)}`);
      } else if (entry.isFile()) {
        const { mode } = await lstat(full);
        lines.push(`f\0${path}\0${(mode & 0o111) === 0 ? '-' : 'x'}`);
        files.push(full);
      } else {
        lines.push(`o\0${path}`);
      }
    }
  };
  await walk('');
  // The files' digests follow in the same order as their lines.
  const contents = await digestFiles(files);
  return hash('sha256', [...lines, ...contents].join('\0\0'));
}

async function digestContent(path: string, { size }: Stats): Promise<string> {
  return size <= wholeFileBytes ? hash('sha256', await readFile(path)) : digestFile(path);
}
