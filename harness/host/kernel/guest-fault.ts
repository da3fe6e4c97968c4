import { RedoubtError } from '../../error.ts';
import type { CompletedProcess } from '../engine.ts';

/** How many of the console's last lines go along. */
const consoleLines = 12;

/**
 * Why an emulated machine did not come to its end, from what the emulator did and what stands on the console (its
 * standard output): `guest-panicked`, `guest-hung`, or `guest-failed`.
 */
export function guestFault({
  ending,
  stdout,
  stderr,
}: Pick<CompletedProcess, 'ending' | 'stdout' | 'stderr'>): RedoubtError {
  const console = stdout.toString('utf8');
  const [code, why] = causeOf(console, ending);
  return new RedoubtError('infrastructure', code, `the emulated machine with Linux 5.10 ${why}`, {
    remedy: 'Run again on a machine with more free memory and disk; the console is in the details.',
    details: { console: `${console}\n${stderr}`.trim().split(/\r?\n/).slice(-consoleLines) },
  });
}

function causeOf(console: string, ending: CompletedProcess['ending']): readonly [string, string] {
  const panic = /Kernel panic - [^\r\n]*/.exec(console)?.[0];
  if (panic !== undefined) return ['guest-panicked', `panicked: ${panic}`];
  const complaint = /redoubt-guest: ([^\r\n]*)/.exec(console)?.[1];
  if (complaint !== undefined) return ['guest-failed', `gave up: ${complaint}`];
  switch (ending.kind) {
    case 'limited':
      return ending.limit === 'wall-time'
        ? ['guest-hung', 'did not end in time']
        : ['guest-failed', `hit its ${ending.limit} limit`];
    case 'exited':
      return ['guest-failed', `ended too early (the emulator exited with ${String(ending.exitCode)})`];
    case 'signaled':
      return ['guest-failed', `was lost (the emulator was killed by ${ending.signal})`];
  }
}
