import type { Check } from '../../verdict/cell.ts';
import type { Outcome } from '../../verdict/event.ts';
import type { GateRun } from '../gate-run.ts';

/** A check of a plan, and how it is examined in a run of that plan; what comes of it is in the run's events. */
export interface PlannedCheck extends Check {
  readonly examine: (run: GateRun) => Promise<Outcome>;
}
