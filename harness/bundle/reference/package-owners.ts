import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/**
 * The packages of a root that own any of the given paths (files, or folders with what they hold), sorted. Reads dpkg's
 * own lists (`/var/lib/dpkg/info/*.list`); /lib and /usr/lib are one folder in Debian 12 and later.
 */
export async function packageOwners(root: string, paths: readonly string[]): Promise<readonly string[]> {
  const wanted = new Set(paths.map(canonical));
  const info = join(root, 'var/lib/dpkg/info');
  const owners = new Set<string>();
  for (const name of await readdir(info)) {
    if (!name.endsWith('.list')) continue;
    const lines = (await readFile(join(info, name), 'utf8')).split('\n').map(canonical);
    // A folder such as /usr/lib/locale is listed by whoever puts something in it.
    if (lines.some((line) => wanted.has(line))) owners.add(basename(name, '.list').replace(/:.*$/, ''));
  }
  return [...owners].toSorted();
}

function canonical(path: string): string {
  return path
    .replace(/^\/(lib|lib64|bin|sbin)\//, '/usr/$1/')
    .replace(/^\/usr\/lib64\//, '/usr/lib/x86_64-linux-gnu/');
}
