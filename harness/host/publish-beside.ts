import { readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { hold, interrupted, interruption, throwIfInterrupted } from './interruption.ts';
import { ownerIsDead, ownerToken } from './owner.ts';
import { removeTree } from './remove-tree.ts';
import { systemError } from './system-error.ts';
import { makeFolder } from './make-folder.ts';

/** `.redoubt-<owner token>.<name of what is being made>`: the suffix of the name stays last. */
const partialName = /^\.redoubt-([0-9a-z]+-[0-9a-z]+-[0-9a-z]+)\./;

/**
 * Makes a file or folder at a place that the user named, whole or not at all: `make` gets the path of a sibling that does
 * not exist, which is renamed to `out` when it is done. What killed runs left half-made in that folder is removed first.
 * Throws what `make` throws, with the sibling removed; a full disk is `infrastructure`, an interrupt `interrupted`.
 */
export async function publishBeside<Value>(
  out: string,
  make: (partial: string) => Promise<Value>,
): Promise<Value> {
  throwIfInterrupted();
  const making = makeWhole(out, make);
  const forget = hold('work', () => making);
  try {
    return await making;
  } catch (error) {
    throw interruption.aborted ? interrupted() : systemError(`cannot make ${out}`, error);
  } finally {
    forget();
  }
}

async function makeWhole<Value>(out: string, make: (partial: string) => Promise<Value>): Promise<Value> {
  const directory = dirname(out);
  const partial = join(directory, `.redoubt-${ownerToken()}.${basename(out)}`);
  makeFolder(directory);
  await removeDead(directory);
  try {
    const value = await make(partial);
    await rename(partial, out);
    return value;
  } finally {
    // After the rename it is no longer there.
    await removeTree(partial);
  }
}

async function removeDead(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const token = partialName.exec(name)?.[1];
    if (token !== undefined && ownerIsDead(token) === true) await removeTree(join(directory, name));
  }
}
