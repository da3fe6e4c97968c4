import { lstat } from 'node:fs/promises';
import { join, posix } from 'node:path';

import { RedoubtError } from '../../error.ts';
import { libraryFolders, type TreeFolders } from './library-folders.ts';

/**
 * Where a part that was given keeps a major's libraries, if it is a bundle: one with a LAUNCHER has its own libc and libicu,
 * one that leans on its host (`vNN/lib`) a libicu. Undefined for a root. Throws `no-libraries` (usage) for a bundle that has
 * none for that major.
 */
export async function bundleTree(
  name: string,
  path: string,
  major: number,
): Promise<TreeFolders | undefined> {
  if (await isFile(join(path, 'LAUNCHER'))) {
    const folders = await libraryFolders(path, major);
    if (folders === undefined && (await libraryFolders(path, undefined)) !== undefined)
      throw noLibraries(name, major);
    return folders;
  }
  const version = `v${String(major)}`;
  if (!(await isFile(join(path, version, 'bin/postgres')))) return undefined;
  return { major, libraries: posix.join(version, 'lib'), locales: undefined };
}

/** The error for a bundle that has no libraries for a major. */
export function noLibraries(name: string, major: number): RedoubtError {
  return new RedoubtError(
    'usage',
    'no-libraries',
    `the bundle ${name} has no C library of its own for major ${String(major)}`,
    {
      remedy: 'Name one of its majors: with --pg, or as the server of a composition (pg=npm:17).',
      details: { name, major },
    },
  );
}

async function isFile(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
