import { AsyncLocalStorage } from 'node:async_hooks';

import { RedoubtError } from '../error.ts';
import type { SuiteName } from '../verdict/cell.ts';
import type { GateRun } from './gate-run.ts';
import type { GatePlan } from './plan/gate-plan.ts';
import type { PlannedCheck } from './plan/planned-check.ts';

/** The gate that a suite's file belongs to. */
export type GateContext =
  /** Its promises become tests of the runner's. */
  | { readonly kind: 'gate'; readonly run: GateRun; readonly define: DefineTest }
  /** What it promises is kept, to be held against any plan. */
  | { readonly kind: 'collection'; readonly add: (suite: SuiteName, checksOf: ChecksOf) => void };

/** Adds a test to the runner's, which has no time limit of its own. */
export type DefineTest = (title: string, body: () => Promise<void>) => void;

/** The checks of one suite's file for the cells of a plan. */
export type ChecksOf = (plan: GatePlan) => readonly PlannedCheck[];

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
