import { lstat, readdir, readlink } from 'node:fs/promises';
import { join, posix } from 'node:path';

import { RedoubtError } from '../../error.ts';
import type { TreeEntry } from './tree-entry.ts';

const mostLinks = 40;

/**
 * The real path inside a root of a path that may go through links; `undefined` when there is nothing. Absolute links
 * are taken as the root's own, never as the machine's. Throws `root-link-loop`.
 */
export async function resolveInRoot(root: string, path: string): Promise<string | undefined> {
  let links = 0;
  let done = '/';
  const rest = path.split('/').filter(Boolean);
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === '.') continue;
    // At `/` this stays at `/`, as in a chroot.
    const next = posix.join(done, name);
    const stats = await lstat(join(root, next)).catch(ignoreMissing);
    if (stats === undefined) return undefined;
    if (!stats.isSymbolicLink()) {
      done = next;
      continue;
    }
    links += 1;
    if (links > mostLinks) {
      throw new RedoubtError(
        'infrastructure',
        'root-link-loop',
        `${path} in ${root} goes through too many links`,
      );
    }
    const target = await readlink(join(root, next));
    if (target.startsWith('/')) done = '/';
    rest.unshift(...target.split('/').filter(Boolean));
  }
  return done;
}

/** Takes one file of a root into the bundle, its real content whatever links lead to it. Throws `root-file-missing`. */
export async function takeFile(root: string, from: string, path: string): Promise<TreeEntry> {
  const real = await resolveInRoot(root, from);
  if (real === undefined) {
    throw new RedoubtError('infrastructure', 'root-file-missing', `the root ${root} has no ${from}`, {
      remedy: 'Remove that root from the cache; it is made anew.',
      details: { root, path: from },
    });
  }
  const stats = await lstat(join(root, real));
  return {
    kind: 'file',
    path,
    source: { kind: 'path', path: join(root, real) },
    executable: (stats.mode & 0o111) !== 0,
  };
}

/**
 * Takes a folder of a root into the bundle with all that it holds, but for the names that `skip` says. Links that stay
 * inside the folder stay links; the others are left out, since their target would not be there.
 */
export async function takeFolder(
  root: string,
  from: string,
  path: string,
  skip: (relativePath: string) => boolean = () => false,
): Promise<readonly TreeEntry[]> {
  const entries: TreeEntry[] = [];
  const walk = async (relative: string): Promise<void> => {
    const folder = posix.join(from, relative);
    entries.push({ kind: 'directory', path: relative === '' ? path : posix.join(path, relative) });
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      const below = posix.join(relative, entry.name);
      const target = posix.join(path, below);
      if (skip(below)) continue;
      if (entry.isDirectory()) await walk(below);
      else if (entry.isFile()) entries.push(await takeFile(root, posix.join(from, below), target));
      else if (entry.isSymbolicLink()) {
        const link = await readlink(join(root, folder, entry.name));
        if (staysInside(relative, link)) entries.push({ kind: 'symlink', path: target, target: link });
      }
    }
  };
  await walk('');
  return entries;
}

function staysInside(folder: string, link: string): boolean {
  return !link.startsWith('/') && !posix.join(folder, link).startsWith('..');
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
  return undefined;
}
