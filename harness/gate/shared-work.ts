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
