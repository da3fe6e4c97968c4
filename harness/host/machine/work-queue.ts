import { interruption, throwIfInterrupted } from '../interruption.ts';
import type { MachineSample } from './capacity.ts';

/** What decides whether one more may begin. */
export interface Admission {
  mayStart(running: number): boolean;
  observe(sample: MachineSample, running: number): void;
}

export interface WorkQueueOptions {
  readonly admission: Admission;
  readonly sample: () => MachineSample;
  /** How often the machine is looked at. */
  readonly sampleEveryMs: number;
}

/**
 * Does all tasks, in their order, as many at a time as are admitted: first come, first served, so that none is overtaken for
 * good. The first that fails, or an interrupt, lets none begin any more; its error is thrown when those that run have ended.
 */
export async function doAll<T>(
  tasks: readonly T[],
  work: (task: T) => Promise<void>,
  { admission, sample, sampleEveryMs }: WorkQueueOptions,
): Promise<void> {
  const waiting = [...tasks];
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const begin = (task: T): void => {
    const one = work(task)
      .catch((error: unknown) => {
        failures.push(error);
      })
      .finally(() => running.delete(one));
    running.add(one);
  };
  while (waiting.length > 0 && failures.length === 0 && !interruption.aborted) {
    const next = waiting[0];
    if (next !== undefined && admission.mayStart(running.size)) {
      waiting.shift();
      begin(next);
      continue;
    }
    await firstOf(running, sampleEveryMs);
    admission.observe(sample(), running.size);
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
  throwIfInterrupted();
}

/** The end of any of them, or the time for the next look at the machine. */
async function firstOf(running: ReadonlySet<Promise<void>>, timeMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeMs);
  await Promise.race([...running, promise]);
  clearTimeout(timer);
}
