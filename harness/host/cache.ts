import { mkdir, rename, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

import { RedoubtError } from '../error.ts';
import { hold, interrupted, interruption, throwIfInterrupted } from './interruption.ts';
import { acquireLock } from './lock.ts';
import { removeTree } from './remove-tree.ts';
import { systemError } from './system-error.ts';
import { makeFolder } from './make-folder.ts';

/** Ends the name of what is being made; it counts for nothing until it is renamed. */
export const partialSuffix = '.partial';

/** The folder for what is dear to make and safe to lose: `$REDOUBT_CACHE`, else `$XDG_CACHE_HOME/redoubt`, else `~/.cache/redoubt`. */
export function cacheDirectory(): string {
  const { REDOUBT_CACHE: own, XDG_CACHE_HOME: xdg } = process.env;
  const directory = own || join(xdg || join(homedir(), '.cache'), 'redoubt');
  if (!isAbsolute(directory)) {
    throw new RedoubtError(
      'usage',
      'cache-not-absolute',
      `the cache folder ${directory} is not an absolute path`,
      {
        remedy: 'Set REDOUBT_CACHE to an absolute path.',
      },
    );
  }
  return directory;
}

/** The lock file of one key of the cache. */
export function lockPath(key: string): string {
  return join(cacheDirectory(), 'locks', `${key.replaceAll('/', '--')}.lock`);
}

/**
 * Makes a folder of the cache once, whole or not at all, and returns its path. `key` is its path inside the cache, two
 * words (`roots/debian-12-0123`). `make` fills an empty sibling that is renamed into place when it is done. Others that want
 * the same key wait; what a killed run left half-made is removed first. Throws what `make` throws, with the sibling
 * removed; a full disk is `infrastructure`, an interrupt `interrupted`.
 */
export async function publish(
  key: string,
  make: (directory: string) => Promise<void>,
  onWait: () => void = () => {},
): Promise<string> {
  const final = join(cacheDirectory(), key);
  if (await exists(final)) return final;
  await using _lock = await acquireLock(lockPath(key), onWait);
  if (await exists(final)) return final;
  throwIfInterrupted();
  const making = makeWhole(final, make);
  const forget = hold('work', () => making);
  try {
    await making;
  } catch (error) {
    throw interruption.aborted
      ? interrupted()
      : systemError(`cannot make ${key} in the cache ${cacheDirectory()}`, error);
  } finally {
    forget();
  }
  return final;
}

async function makeWhole(final: string, make: (directory: string) => Promise<void>): Promise<void> {
  const partial = `${final}${partialSuffix}`;
  await removeTree(partial);
  try {
    makeFolder(dirname(partial));
    await mkdir(partial);
    await make(partial);
    await rename(partial, final);
  } catch (error) {
    await removeTree(partial);
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw systemError(`cannot look at ${path}`, error);
  }
}
