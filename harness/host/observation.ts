import { readFile } from 'node:fs/promises';

/** A call that names a path or an address, or a write to standard output, as native/watch.c saw it. */
export interface ObservedCall {
  readonly pid: number;
  /** x86-64 number. */
  readonly call: number;
  /**
   * Absolute, as the process names it, not resolved; `unix:PATH`, `inet:ADDRESS:PORT` or `family:N` of a connection; empty
   * of a write.
   */
  readonly path: string;
  /** What the call returned: a negative errno when it failed. */
  readonly result: number;
}

/** What a watched process and its descendants did, each list in order. */
export interface Observation {
  readonly calls: readonly ObservedCall[];
  /** Numbers of the calls that were answered with ENOSYS, as often as they were made. */
  readonly refused: readonly { readonly pid: number; readonly refused: number }[];
  /** New processes and threads. */
  readonly forks: readonly { readonly pid: number; readonly forked: number }[];
}

/** The pid of the process that was started itself, in its own namespace; 1 is its init. */
export const startedPid = 2;

/** Reads the file that a watch has written. A process that was killed leaves a shorter one. */
export async function readObservation(path: string): Promise<Observation> {
  const calls: ObservedCall[] = [];
  const refused: Observation['refused'][number][] = [];
  const forks: Observation['forks'][number][] = [];
  for (const line of (await readFile(path, 'utf8')).split('\n')) {
    if (!line.endsWith('}')) continue;
    const event = JSON.parse(line) as ObservedCall | (typeof refused)[number] | (typeof forks)[number];
    if ('call' in event) calls.push({ ...event, path: Buffer.from(event.path, 'latin1').toString('utf8') });
    else if ('refused' in event) refused.push(event);
    else forks.push(event);
  }
  return { calls, refused, forks };
}
