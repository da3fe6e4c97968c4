import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { cacheDirectory, lockPath, partialSuffix } from './cache.ts';
import { removeGroup } from './chroot/control-group-removal.ts';
import { parseHierarchies } from './chroot/control-groups.ts';
import { findDockerLeftovers, removeDockerLeftover } from './docker/docker-leftovers.ts';
import { diskUsageBytes } from './disk-usage.ts';
import { acquireLock, isLocked } from './lock.ts';
import { ownerIsDead } from './owner.ts';
import { mountsWithin, removeTree, unmount } from './remove-tree.ts';
import { daemonParent, runDirectoryPrefix } from './run-directory.ts';
import { systemError } from './system-error.ts';

/** Something on the machine that a killed run left. */
export interface Leftover {
  readonly kind: 'container' | 'control-group' | 'half-made' | 'image' | 'mount' | 'temporary-directory';
  /** Of a container or image its id. */
  readonly path: string;
}

/** `redoubt-<owner token>-<anything>`: how run directories and control groups are named. */
const ownedName = new RegExp(`^${runDirectoryPrefix}([0-9a-z]+-[0-9a-z]+-[0-9a-z]+)-[0-9A-Za-z]+$`);

/**
 * What runs that are dead left behind: control groups, temporary folders, half-made entries of the cache, mounts. What
 * belongs to a living run, or to another container, is never among it.
 */
export async function findLeftovers(): Promise<readonly Leftover[]> {
  const [docker, groups, directories, halfMade] = await Promise.all([
    findDockerLeftovers(),
    deadGroups(),
    deadDirectories(),
    halfMadeEntries(),
  ]);
  const mounts = await strayMounts([...directories, ...halfMade].map(({ path }) => path));
  const inDocker = docker.map(({ kind, id }): Leftover => ({ kind, path: id }));
  return [...inDocker, ...mounts, ...groups, ...directories, ...halfMade];
}

/** Removes what `findLeftovers` found. What another run has removed meanwhile is no error. */
export async function removeLeftovers(leftovers: readonly Leftover[]): Promise<void> {
  for (const { kind, path } of leftovers) {
    switch (kind) {
      case 'container':
      case 'image':
        await removeDockerLeftover({ kind, id: path });
        break;
      case 'mount':
        await unmount(path);
        break;
      case 'control-group':
        await removeGroup(path);
        break;
      case 'temporary-directory':
        await removeTree(path);
        break;
      case 'half-made':
        await removeHalfMade(path);
        break;
    }
  }
}

/**
 * Empties the cache, but for what a running process is making now; returns the bytes freed. Runs that use a root out of
 * it fail.
 */
export async function removeCache(): Promise<number> {
  const cache = cacheDirectory();
  let freedBytes = 0;
  for (const folder of await list(cache)) {
    // The locks must outlive what they guard, and the stage is an empty folder that others mount on.
    if (folder === 'locks' || folder === 'stage') continue;
    for (const name of await list(join(cache, folder))) {
      const key = `${folder}/${name}`;
      const lock = lockPath(keyOf(key));
      if (await isLocked(lock)) continue;
      await using _lock = await acquireLock(lock, () => {});
      const path = join(cache, key);
      freedBytes += await diskUsageBytes(path);
      await removeTree(path);
    }
  }
  return freedBytes;
}

/**
 * Mounts in the dead runs' folders, and where roots are made and assembled. The engine mounts in namespaces of its own
 * only, so there should never be one.
 */
async function strayMounts(paths: readonly string[]): Promise<readonly Leftover[]> {
  const stage = join(cacheDirectory(), 'stage');
  const roots = join(cacheDirectory(), 'roots');
  const found = (await Promise.all([...paths, stage, roots].map(mountsWithin))).flat();
  // The folder of the roots may well be a disk of its own.
  return [...new Set(found)]
    .filter((path) => path !== roots)
    .map((path): Leftover => ({ kind: 'mount', path }));
}

async function deadGroups(): Promise<readonly Leftover[]> {
  const hierarchies = parseHierarchies(await readFile('/proc/self/mounts', 'utf8'));
  const found = await Promise.all(
    hierarchies.map(async ({ mountPoint }) =>
      (await list(mountPoint)).filter(isOfDead).map((name) => join(mountPoint, name)),
    ),
  );
  return found.flat().map((path): Leftover => ({ kind: 'control-group', path }));
}

async function deadDirectories(): Promise<readonly Leftover[]> {
  // A run under another TMPDIR is most likely to have used the usual place.
  const places = [...new Set([tmpdir(), '/tmp', daemonParent])];
  const found = await Promise.all(
    places.map(async (place) => (await list(place)).filter(isOfDead).map((name) => join(place, name))),
  );
  return found.flat().map((path): Leftover => ({ kind: 'temporary-directory', path }));
}

async function halfMadeEntries(): Promise<readonly Leftover[]> {
  const found: Leftover[] = [];
  const cache = cacheDirectory();
  for (const folder of await list(cache)) {
    for (const name of await list(join(cache, folder))) {
      if (!name.endsWith(partialSuffix) || (await isLocked(lockPath(keyOf(`${folder}/${name}`))))) continue;
      found.push({ kind: 'half-made', path: join(cache, folder, name) });
    }
  }
  return found;
}

async function removeHalfMade(path: string): Promise<void> {
  const key = keyOf(path.slice(cacheDirectory().length + 1));
  // Another run may have begun to make it since it was found.
  if (await isLocked(lockPath(key))) return;
  await using _lock = await acquireLock(lockPath(key), () => {});
  await removeTree(path);
}

function isOfDead(name: string): boolean {
  const token = ownedName.exec(name)?.[1];
  return token !== undefined && ownerIsDead(token) === true;
}

function keyOf(key: string): string {
  return key.endsWith(partialSuffix) ? key.slice(0, -partialSuffix.length) : key;
}

async function list(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).toSorted();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(code)) return [];
    throw systemError(`cannot list ${directory}`, error);
  }
}
