import { execa } from 'execa';

import { RedoubtError } from '../../error.ts';
import { interrupted, interruption } from '../interruption.ts';

/**
 * Runs a tool of the machine that says nothing when all is well; it ends with this process, however that ends. `doing`
 * begins the error's sentence. Throws `disk-full` or `tool-failed` with the tool's own words; `interrupted`.
 */
export async function runTool(doing: string, argv: readonly [string, ...string[]]): Promise<void> {
  const result = await execa('setpriv', ['--pdeathsig', 'KILL', ...argv], {
    env: { LC_ALL: 'C' },
    stdin: 'ignore',
    cancelSignal: interruption,
    killSignal: 'SIGKILL',
    reject: false,
  });
  if (result.isCanceled) throw interrupted();
  if (!result.failed) return;
  const words = result.stderr.trim().split('\n').slice(0, 3).join('; ') || result.shortMessage;
  const isFull = /no space left on device|disk quota exceeded/i.test(result.stderr);
  throw new RedoubtError('infrastructure', isFull ? 'disk-full' : 'tool-failed', `${doing}: ${words}`, {
    remedy: isFull
      ? 'Free some disk space, or set REDOUBT_CACHE to a larger disk.'
      : `Look at what ${argv[0]} says.`,
    details: { command: argv.join(' ') },
  });
}
