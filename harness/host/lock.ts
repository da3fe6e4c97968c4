import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';

import { RedoubtError } from '../error.ts';
import { systemError } from './system-error.ts';
import { makeFolder } from './make-folder.ts';

/**
 * An exclusive lock on a file (flock(2)), held by a child that lives as long as this process holds its standard input.
 * The kernel drops it however either of them dies, so no lock is ever stale; the empty file itself stays.
 */
export async function acquireLock(path: string, onWait: () => void): Promise<AsyncDisposable> {
  try {
    makeFolder(dirname(path));
  } catch (error) {
    throw systemError(`cannot make the folder of the lock ${path}`, error);
  }
  const immediate = await tryLock(path, ['--nonblock', '--conflict-exit-code', '75']);
  if (immediate !== 'busy') return immediate;
  onWait();
  const late = await tryLock(path, []);
  if (late !== 'busy') return late;
  throw new RedoubtError('infrastructure', 'lock-failed', `the lock ${path} could not be taken`);
}

/** Whether some process holds the lock now; a file that does not exist is not locked. */
export async function isLocked(path: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  const lock = await tryLock(path, ['--nonblock', '--conflict-exit-code', '75']);
  if (lock === 'busy') return true;
  await lock[Symbol.asyncDispose]();
  return false;
}

async function tryLock(path: string, options: readonly string[]): Promise<AsyncDisposable | 'busy'> {
  // Its own session: a Ctrl-C in the terminal must not drop the lock while the harness still cleans up.
  const child = spawn('flock', [...options, '--exclusive', path, 'sh', '-c', 'echo; exec cat >/dev/null'], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { promise: ended, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject);
  child.once('close', resolve);
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const held = new Promise<boolean>((resolveHeld) => {
    child.stdout.once('data', () => resolveHeld(true));
    child.stdout.once('end', () => resolveHeld(false));
  });
  const first = await Promise.race([held, ended.then(() => false)]).catch((error: unknown) => {
    throw systemError('cannot run flock (package util-linux)', error);
  });
  if (first) {
    return {
      [Symbol.asyncDispose]: async () => {
        child.stdin.end();
        await ended;
      },
    };
  }
  const exitCode = await ended;
  if (exitCode === 75) return 'busy';
  throw new RedoubtError(
    'infrastructure',
    'lock-failed',
    `cannot lock ${path}: ${complaint.trim() || `flock ended with ${exitCode}`}`,
    {
      remedy: 'See that the cache folder can be written and that its disk is not full.',
      details: { path },
    },
  );
}
