import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';

/** A process, told from a later one of the same pid by its start time in clock ticks since boot. */
export interface KnownProcess {
  readonly pid: number;
  readonly startTicks: string;
  readonly name: string;
  readonly parent: number;
}

interface Stat extends KnownProcess {
  readonly state: string;
}

/** Every process below `pid`, and not itself. */
export async function descendantsOf(pid: number): Promise<readonly KnownProcess[]> {
  const all = (await readdir('/proc'))
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readStat(Number(name)) ?? []);
  const family = new Set([pid]);
  for (let size = 0; size < family.size;) {
    size = family.size;
    for (const { pid: child, parent } of all) if (family.has(parent)) family.add(child);
  }
  return all.filter((process) => process.pid !== pid && family.has(process.pid));
}

export function isAlive({ pid, startTicks }: KnownProcess): boolean {
  const now = readStat(pid);
  return now !== undefined && now.startTicks === startTicks && now.state !== 'Z' && now.state !== 'X';
}

/** Stops a process, so that it cannot be over before the test comes to it; false if it already is. */
export function holds(known: KnownProcess): boolean {
  try {
    process.kill(known.pid, 'SIGSTOP');
  } catch {
    return false;
  }
  return isAlive(known);
}

/** Reads /proc/PID/stat (proc(5)); undefined when there is no such process. */
function readStat(pid: number): Stat | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
  } catch {
    // It ended meanwhile.
    return undefined;
  }
  const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { pid, name, state: fields[0] ?? '', parent: Number(fields[1]), startTicks: fields[19] ?? '' };
}
