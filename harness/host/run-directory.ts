import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { hold, throwIfInterrupted } from './interruption.ts';
import { ownerToken } from './owner.ts';
import { removeTree } from './remove-tree.ts';
import { systemError } from './system-error.ts';

/** Begins the name of every temporary folder of a run; the owner's token follows. */
export const runDirectoryPrefix = 'redoubt-';

/** A folder that is removed when it is disposed, or by a later run when its owner was killed. */
export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string;
}

/**
 * Makes a temporary folder under `$TMPDIR` or `/tmp` that bears its owner's token. Its path is short, so that a Unix
 * socket fits in it. `label` says in errors what it is for. With a `suffix`, of letters, its path is the same each time.
 */
export async function temporaryDirectory(label: string, suffix?: string): Promise<TemporaryDirectory> {
  throwIfInterrupted();
  const prefix = join(tmpdir(), `${runDirectoryPrefix}${ownerToken()}-`);
  const path = await make(prefix, suffix).catch((error: unknown) => {
    throw systemError(`cannot make a temporary folder for ${label} in ${tmpdir()}`, error);
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

async function make(prefix: string, suffix: string | undefined): Promise<string> {
  if (suffix === undefined) return mkdtemp(prefix);
  const path = `${prefix}${suffix}`;
  await mkdir(path, { mode: 0o700 });
  return path;
}
