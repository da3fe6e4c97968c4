import { execa, ExecaError } from 'execa';

import { RedoubtError } from '../error.ts';
import { interruption } from '../host/interruption.ts';
import { diskFullRemedy, isDiskFull } from './disk-full.ts';

/**
 * Copies a directory with owners, modes and times; blocks are shared where the file system can. `to` must not exist.
 * Throws `disk-full` or `copy-failed` (infrastructure).
 */
export async function copyTree(from: string, to: string): Promise<void> {
  try {
    // It ends with the harness, however that ends.
    await execa(
      'setpriv',
      ['--pdeathsig', 'KILL', 'cp', '--archive', '--reflink=auto', '--no-target-directory', from, to],
      { env: { LC_ALL: 'C' }, stdin: 'ignore', detached: true, cancelSignal: interruption },
    );
  } catch (cause) {
    const why = cause instanceof ExecaError ? String(cause.stderr) || cause.shortMessage : String(cause);
    const full = isDiskFull(why);
    throw new RedoubtError(
      'infrastructure',
      full ? 'disk-full' : 'copy-failed',
      `Cannot copy ${from} to ${to}: ${why.split('\n')[0] ?? ''}`,
      {
        remedy: full ? diskFullRemedy : 'The cause is in the message.',
        details: { from, to },
        cause,
      },
    );
  }
}
