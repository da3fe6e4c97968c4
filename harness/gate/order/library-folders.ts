import { readdir } from 'node:fs/promises';
import { dirname, relative } from 'node:path';

import type { TreeFolders } from '../../collation/environment.ts';

/**
 * Where a chroot bundle keeps the libraries and locales of a major, or of its newest one; undefined where they are with no
 * loader of their own.
 */
export async function libraryFolders(
  directory: string,
  major: number | undefined,
): Promise<TreeFolders | undefined> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const having = (wanted: RegExp): readonly string[] =>
    entries.filter(({ name }) => wanted.test(name)).map(({ parentPath }) => relative(directory, parentPath));
  const withLoader = new Set(having(/^ld-linux/));
  const libraries = having(/^libc\.so\.6$/)
    .filter((folder) => withLoader.has(folder) && (major === undefined || majorOf(folder) === major))
    .toSorted((one, other) => majorOf(other) - majorOf(one))[0];
  if (libraries === undefined) return undefined;
  const locales = having(/^LC_COLLATE$/)
    .map((folder) => dirname(folder))
    .find((folder) => majorOf(folder) === majorOf(libraries));
  return { libraries, locales };
}

/** 0 for folders that belong to no major. */
function majorOf(directory: string): number {
  return Number(/(?:^|\/)v(\d+)(?:\/|$)/.exec(directory)?.[1] ?? 0);
}
