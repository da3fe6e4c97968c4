import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** SHA-256 of a file's bytes, as hexadecimal digits. */
export async function digestFile(path: string): Promise<string> {
  const digest = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), digest);
  return digest.digest('hex');
}

/**
 * SHA-256 over a folder: names, kinds, run bits, link targets and contents, in the order of the names; times and owners
 * do not count. Files with several names are read once.
 */
export async function digestFolder(directory: string): Promise<string> {
  const digest = createHash('sha256');
  const contents = new Map<string, string>();
  const walk = async (relative: string): Promise<void> => {
    for (const name of (await readdir(join(directory, relative))).toSorted()) {
      const path = join(relative, name);
      const full = join(directory, path);
      const stats = await lstat(full);
      if (stats.isDirectory()) {
        digest.update(`d\0${path}\0`);
        await walk(path);
      } else if (stats.isSymbolicLink()) {
        digest.update(`l\0${path}\0${await readlink(full)}\0`);
      } else if (stats.isFile()) {
        const identity = `${stats.dev}:${stats.ino}`;
        const content = contents.get(identity) ?? (await digestFile(full));
        contents.set(identity, content);
        digest.update(`f\0${path}\0${(stats.mode & 0o111) === 0 ? '-' : 'x'}\0${content}\0`);
      } else {
        digest.update(`o\0${path}\0`);
      }
    }
  };
  await walk('');
  return digest.digest('hex');
}
