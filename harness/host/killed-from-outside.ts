import { RedoubtError } from '../error.ts';

/** What ended a process that nobody here ended: a `SIGKILL` of somebody's, or the kernel's `out-of-memory killer`. */
export type OutsideKiller = 'SIGKILL' | 'out-of-memory killer';

const how: Readonly<Record<OutsideKiller, string>> = {
  SIGKILL: 'was killed by a SIGKILL that Redoubt did not send',
  'out-of-memory killer':
    "was killed by the kernel's out-of-memory killer, below its own limit: the machine, or a container around it, has run out of memory",
};
const shownWords = 200;

/** What to do about a process that was killed from outside. */
export const killedRemedy =
  'Look for the out-of-memory killer in the kernel log, as dmesg shows it, or for whoever ends processes on this machine, and run again.';

/**
 * The error for a program that was killed from outside in a host: its end says nothing about it. `program` is its command
 * line, or what it is called.
 */
export function killedFromOutside(program: string, hostName: string, killer: OutsideKiller): RedoubtError {
  const shown = program.length > shownWords ? `${program.slice(0, shownWords - 1)}…` : program;
  return new RedoubtError('infrastructure', 'process-killed', `${shown} in ${hostName} ${how[killer]}`, {
    remedy: killedRemedy,
    details: { host: hostName, program, killer },
  });
}

/**
 * Whether a program of PostgreSQL says that a process which it started was ended by SIGKILL: initdb (common/wait_error.c of 14
 * to 18), itself or by its shell, or a server (LogChildExit of postmaster.c).
 */
export function saysChildWasKilled(words: string): boolean {
  return /\bchild process exited with exit code 137\b|(?:\bchild process|\(PID \d+\)) was terminated by signal 9\b/.test(
    words,
  );
}
