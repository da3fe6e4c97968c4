import { copyFile, link } from 'node:fs/promises';

import { cacheDirectory } from '../cache.ts';

/**
 * What cp(1) is told so that files of the cache are shared, which costs neither time nor space: nobody writes in a root.
 * Whoever gave a root of his own may write in it: that is copied.
 */
export function sharing(source: string): readonly string[] {
  return isOfCache(source) ? ['--link'] : [];
}

/** One file, in the same way. */
export async function shareFile(source: string, target: string): Promise<void> {
  await (isOfCache(source) ? link(source, target) : copyFile(source, target));
}

function isOfCache(path: string): boolean {
  return path.startsWith(`${cacheDirectory()}/`);
}
