import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the C sources of the launchers and of the walredo module lie. */
export const nativeSourceDirectory = join(import.meta.dirname, '..', 'native');

/** SHA-256 of all files below the folders, names and contents in a fixed order. */
export async function digestFolders(folders: readonly string[]): Promise<string> {
  const digest = createHash('sha256');
  for (const folder of folders) {
    for (const name of (await readdir(folder)).toSorted()) {
      digest.update(`\0${name}\0`).update(await readFile(join(folder, name)));
    }
  }
  return digest.digest('hex');
}
