import { execa } from 'execa';

import { lockPath } from '../cache.ts';
import { acquireLock } from '../lock.ts';
import type { Progress } from '../progress.ts';

/**
 * Runs `apt-get update`. Its exit code says nothing: a source that is not Debian's may fail without harm, so the caller
 * looks whether what it wanted is there now. Returns what apt could not fetch, else what it complained about first, or an empty string.
 */
export async function refreshPackageLists(progress: Progress): Promise<string> {
  await using _lock = await acquireLock(lockPath('apt/lists'), () => {});
  progress('apt', 'refreshing the package lists with apt-get update');
  const { stderr } = await execa('apt-get', ['-q', 'update'], {
    reject: false,
    stdin: 'ignore',
    env: { LC_ALL: 'C' },
  });
  const lines = stderr.split('\n');
  return (
    lines.find((line) => line.includes('Failed to fetch')) ?? lines.find((line) => /^[EW]:/.test(line)) ?? ''
  );
}
