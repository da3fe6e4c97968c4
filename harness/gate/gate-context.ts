import { AsyncLocalStorage } from 'node:async_hooks';

import { RedoubtError } from '../error.ts';
import type { GatePlan } from './gate-plan.ts';
import type { GateRun } from './gate-run.ts';

/** The gate that a suite's file belongs to; without a run the promises are only listed. */
export interface GateContext {
  readonly plan: GatePlan;
  readonly run: GateRun | undefined;
}

/*
 * Japa imports the suites' files by path; this is how they find their gate without a variable that any module could
 * change.
 */
const storage = new AsyncLocalStorage<GateContext>();

/** Runs `body`, and all that it starts, as part of a gate. */
export function withinGate<T>(context: GateContext, body: () => Promise<T>): Promise<T> {
  return storage.run(context, body);
}

/**
 * The gate to which the calling suite belongs.
 * @throws RedoubtError `no-gate` when a suite's file is imported outside of one.
 */
export function currentGate(): GateContext {
  const context = storage.getStore();
  if (context === undefined) {
    throw new RedoubtError('usage', 'no-gate', 'the suites run only inside `redoubt gate`', {
      remedy: 'Type ./redoubt gate, or ./redoubt test for the tests of the harness.',
    });
  }
  return context;
}
