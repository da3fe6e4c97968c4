import { readFileSync, readlinkSync } from 'node:fs';

import { RedoubtError } from '../error.ts';

/**
 * Names a process for good: pid, start time in clock ticks since boot and pid namespace, each in base 36, joined by
 * `-`. A pid alone is reused; a pid of another container means nothing here.
 */
export type OwnerToken = string;

const tokenPattern = /^([0-9a-z]+)-([0-9a-z]+)-([0-9a-z]+)$/;

/** The token of this process; made to stand in the names of what it leaves on the machine while it runs. */
export function ownerToken(): OwnerToken {
  const startTicks = startTimeTicks(process.pid);
  if (startTicks === undefined) {
    throw new RedoubtError('infrastructure', 'proc-missing', '/proc/self/stat cannot be read', {
      remedy: 'Mount /proc: Redoubt needs it to tell its own files from those of dead runs.',
    });
  }
  return [process.pid, startTicks, pidNamespace()].map((part) => part.toString(36)).join('-');
}

/**
 * Whether the process named by a token has ended: `true` and `false` are certain, `undefined` means that the token
 * belongs to another pid namespace (or is not a token) and cannot be judged from here.
 */
export function ownerIsDead(token: OwnerToken): boolean | undefined {
  const [pid, startTicks, namespace] =
    tokenPattern
      .exec(token)
      ?.slice(1)
      .map((part) => Number.parseInt(part, 36)) ?? [];
  if (pid === undefined || namespace !== pidNamespace()) return undefined;
  return startTimeTicks(pid) !== startTicks;
}

/** Start time of a process in clock ticks since boot, or undefined when there is none (proc(5), stat, field 22). */
function startTimeTicks(pid: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
  // The second field is the program's name in parentheses and may hold anything, also blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const isZombie = fields[0] === 'Z' || fields[0] === 'X';
  return isZombie ? undefined : Number(fields[19]);
}

function pidNamespace(): number {
  return Number(/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0]);
}
