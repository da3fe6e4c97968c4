import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/**
 * The packages of a root that own each of the given paths (files, or folders, which may have several). Reads dpkg's own lists
 * (`/var/lib/dpkg/info/*.list`); /lib and /usr/lib are one folder in Debian 12 and later. Paths that belong to none are
 * left out, all of them where there is no dpkg.
 */
export async function packageOwners(
  root: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const wanted = new Map(paths.map((path) => [canonical(path), path]));
  const info = join(root, 'var/lib/dpkg/info');
  const owners = new Map<string, string[]>();
  const names = await readdir(info).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  for (const name of names.toSorted()) {
    if (!name.endsWith('.list')) continue;
    const owner = basename(name, '.list').replace(/:.*$/, '');
    for (const line of (await readFile(join(info, name), 'utf8')).split('\n')) {
      const path = wanted.get(canonical(line));
      // A folder such as /usr/lib/locale is listed by whoever puts something in it.
      if (path !== undefined) owners.set(path, [...(owners.get(path) ?? []), owner]);
    }
  }
  return owners;
}

function canonical(path: string): string {
  return path
    .replace(/^\/(lib|lib64|bin|sbin)\//, '/usr/$1/')
    .replace(/^\/usr\/lib64\//, '/usr/lib/x86_64-linux-gnu/');
}
