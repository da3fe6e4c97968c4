import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';

import { RedoubtError } from '../../error.ts';
import { isElf, readElfDynamic } from '../../host/elf/elf-dynamic.ts';
import { resolveInRoot } from './root-files.ts';

/** Where Debian's loader looks on x86-64 without any configuration. */
const libraryFolders = ['/lib/x86_64-linux-gnu', '/usr/lib/x86_64-linux-gnu', '/lib64', '/usr/lib64'];

/** libc opens it by name when a thread is cancelled or a stack is unwound. */
const openedByName = ['libgcc_s.so.1'];

/**
 * Every shared library that programs and modules of a root need, directly or not, the dynamic loader among them:
 * soname, and the real path inside the root. `ownFolder` is looked at before the root's own folders. Throws
 * `library-missing`.
 */
export async function libraryClosure(
  root: string,
  programs: readonly string[],
  ownFolder?: string,
): Promise<ReadonlyMap<string, string>> {
  const folders = ownFolder === undefined ? libraryFolders : [ownFolder, ...libraryFolders];
  const libraries = new Map<string, string>();
  const waiting: { readonly name: string; readonly neededBy: string }[] = openedByName.map((name) => ({
    name,
    neededBy: 'libc.so.6',
  }));
  for (const program of programs) waiting.push(...(await needsOf(root, program)));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (libraries.has(next.name)) continue;
    const path = await findLibrary(root, next.name, folders);
    if (path === undefined) {
      throw new RedoubtError(
        'infrastructure',
        'library-missing',
        `${next.neededBy} needs ${next.name}, and the root ${root} does not have it`,
        { details: { root, library: next.name, neededBy: next.neededBy } },
      );
    }
    libraries.set(next.name, path);
    waiting.push(...(await needsOf(root, path)));
  }
  return libraries;
}

async function needsOf(
  root: string,
  path: string,
): Promise<readonly { readonly name: string; readonly neededBy: string }[]> {
  const bytes = await readFile(join(root, path));
  if (!isElf(bytes)) return [];
  const { needed, interpreter } = readElfDynamic(bytes);
  const names = interpreter === undefined ? needed : [...needed, posix.basename(interpreter)];
  return names.map((name) => ({ name, neededBy: path }));
}

async function findLibrary(
  root: string,
  name: string,
  folders: readonly string[],
): Promise<string | undefined> {
  for (const folder of folders) {
    const path = await resolveInRoot(root, `${folder}/${name}`);
    if (path !== undefined) return path;
  }
  return undefined;
}
