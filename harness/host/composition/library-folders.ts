import { readdir } from 'node:fs/promises';
import { dirname, relative } from 'node:path';

import { libraryDirectories } from './icu-place.ts';

/** Folders of a tree that is no root, inside of it. */
export interface TreeFolders {
  /** Whose they are; undefined where they are every major's. */
  readonly major: number | undefined;
  /** With the loader, the C library and libicu. */
  readonly libraries: string;
  /** With a folder for each locale; undefined where there are none. */
  readonly locales: string | undefined;
}

/**
 * Where a tree keeps the loader and the libraries of a major, or of its newest one, and their locales; those of no major are
 * every major's. Undefined where there are none, and where they lie as in a root, which is then to be taken as one.
 */
export async function libraryFolders(
  directory: string,
  major: number | undefined,
): Promise<TreeFolders | undefined> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const having = (wanted: RegExp): readonly string[] =>
    entries.filter(({ name }) => wanted.test(name)).map(({ parentPath }) => relative(directory, parentPath));
  const withLoader = new Set(having(/^ld-linux/));
  const isWanted = (folder: string): boolean =>
    withLoader.has(folder) &&
    !libraryDirectories.includes(folder) &&
    (major === undefined || [0, major].includes(majorOf(folder)));
  const libraries = having(/^libc\.so\.6$/)
    .filter(isWanted)
    .toSorted((one, other) => majorOf(other) - majorOf(one))[0];
  if (libraries === undefined) return undefined;
  const locales = having(/^LC_COLLATE$/)
    .map((folder) => dirname(folder))
    .find((folder) => majorOf(folder) === majorOf(libraries));
  return { major: majorOf(libraries) || undefined, libraries, locales };
}

/** 0 for folders that belong to no major. */
function majorOf(directory: string): number {
  return Number(/(?:^|\/)v(\d+)(?:\/|$)/.exec(directory)?.[1] ?? 0);
}
