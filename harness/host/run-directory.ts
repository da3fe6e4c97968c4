import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { hold, throwIfInterrupted } from './interruption.ts';
import { ownerToken } from './owner.ts';
import { removeTree } from './remove-tree.ts';
import { systemError } from './system-error.ts';

/** Begins the name of every temporary folder of a run; the owner's token follows. */
export const runDirectoryPrefix = 'redoubt-';

/** Where daemons keep what lives no longer than they (file-hierarchy(7)). */
export const daemonParent = '/run';

/** A folder that is removed when it is disposed, or by a later run when its owner was killed. */
export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string;
}

/**
 * Makes a temporary folder under `$TMPDIR` or `/tmp` that bears its owner's token. Its path is short, so that a Unix
 * socket fits in it. `label` says in errors what it is for.
 */
export async function temporaryDirectory(label: string): Promise<TemporaryDirectory> {
  return owned(label, tmpdir(), (prefix) => mkdtemp(prefix));
}

/**
 * Makes the folder of a daemon: its path is short whatever `$TMPDIR` is, and the same each time in this process, which can
 * thus have one at a time. `name` is of letters.
 */
export async function daemonDirectory(name: string): Promise<TemporaryDirectory> {
  return owned(name, daemonParent, async (prefix) => {
    const path = `${prefix}${name}`;
    await mkdir(path, { mode: 0o700 });
    return path;
  });
}

async function owned(
  label: string,
  parent: string,
  make: (prefix: string) => Promise<string>,
): Promise<TemporaryDirectory> {
  throwIfInterrupted();
  const path = await make(join(parent, `${runDirectoryPrefix}${ownerToken()}-`)).catch((error: unknown) => {
    throw systemError(`cannot make a temporary folder for ${label} in ${parent}`, error);
  });
  const forget = hold('directory', () => removeTree(path));
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await removeTree(path);
      forget();
    },
  };
}
