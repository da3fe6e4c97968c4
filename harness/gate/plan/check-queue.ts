import { availableParallelism } from 'node:os';

import { Capacity } from '../../host/machine/capacity.ts';
import { MachineSampler } from '../../host/machine/machine-sampler.ts';
import { doAll } from '../../host/machine/work-queue.ts';
import type { Outcome } from '../../verdict/event.ts';
import type { GateRun } from '../gate-run.ts';
import type { PlannedCheck } from './planned-check.ts';

/** How often the machine is looked at. */
const sampleEveryMs = 250;

/**
 * Does something for each cell, in order, as many at a time as the machine can take. Throws what the first that fails throws.
 */
export async function forEachCell<Cell>(
  cells: readonly Cell[],
  work: (cell: Cell) => Promise<void>,
): Promise<void> {
  const sampler = new MachineSampler();
  const admission = new Capacity(availableParallelism(), sampler.sample());
  await doAll(cells, work, { admission, sample: () => sampler.sample(), sampleEveryMs });
}

/**
 * The checks of a run that waits for their outcomes one after another: once the first is asked for all of them are
 * examined, those of a cell in their order, several cells at a time.
 */
export class CheckQueue {
  readonly #run: GateRun;
  readonly #checks: PlannedCheck[] = [];
  readonly #outcomes = new Map<string, PromiseWithResolvers<Outcome>>();
  #hasBegun = false;

  constructor(run: GateRun) {
    this.#run = run;
  }

  /** All checks must be known before the first is asked for. */
  add(check: PlannedCheck): void {
    const outcome = Promise.withResolvers<Outcome>();
    // Whoever asks gets the error; nobody has to ask.
    outcome.promise.catch(() => {});
    this.#checks.push(check);
    this.#outcomes.set(check.id, outcome);
  }

  /** Rejects when the run has come to its end before the check did. */
  async outcome(id: string): Promise<Outcome> {
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      void this.#examineAll();
    }
    const outcome = this.#outcomes.get(id);
    if (outcome === undefined) throw new TypeError(`no check ${id} was added`);
    return outcome.promise;
  }

  async #examineAll(): Promise<void> {
    const cells = [...Map.groupBy(this.#checks, ({ cell }) => cell).values()];
    try {
      await forEachCell(cells, async (checks) => {
        for (const { id, examine } of checks) this.#outcomes.get(id)?.resolve(await examine(this.#run));
      });
    } catch (error) {
      for (const { reject } of this.#outcomes.values()) reject(error);
    }
  }
}
