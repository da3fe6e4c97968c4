import type { GateRun } from './gate-run.ts';

const works = new WeakMap<GateRun, Map<string, Promise<unknown>>>();

/** Does a piece of work once in a run, for all the checks that ask for it by the same key. */
export function share<T>(gate: GateRun, key: string, work: () => Promise<T>): Promise<T> {
  const known = works.get(gate) ?? new Map<string, Promise<unknown>>();
  works.set(gate, known);
  const done = known.get(key) ?? work();
  known.set(key, done);
  return done as Promise<T>;
}

/** The key of work that is about one major on one host. */
export function ofHost(major: number, hostName: string, work: string): string {
  return `${String(major)} ${hostName} ${work}`;
}

/** Forgets the work that is about one major on one host: nobody asks for it any more, or it is done anew. */
export function forgetShared(gate: GateRun, major: number, hostName: string): void {
  const known = works.get(gate);
  for (const key of known?.keys() ?? []) if (key.startsWith(ofHost(major, hostName, ''))) known?.delete(key);
}
