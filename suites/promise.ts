import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { launchFailure } from '../harness/bundle/launch-failure.ts';
import { checkSlug } from '../harness/gate/plan/check-slug.ts';
import { currentGate } from '../harness/gate/gate-context.ts';
import type { GatePlan } from '../harness/gate/plan/gate-plan.ts';
import type { GateRun } from '../harness/gate/gate-run.ts';
import type { PlannedCheck } from '../harness/gate/plan/planned-check.ts';
import { faultOfOurs } from '../harness/host/fault-of-ours.ts';
import type { Cell, SuiteName } from '../harness/verdict/cell.ts';
import type { Outcome, Tally } from '../harness/verdict/event.ts';
import type { Finding } from '../harness/verdict/finding.ts';

/** What a promise is checked with: its cell, and where to put what was compared and found. */
export interface Examination {
  readonly gate: GateRun;
  readonly cell: Cell;
  /** The check's id, fit for a file name. */
  readonly slug: string;
  readonly found: (finding: Finding) => void;
  readonly compared: (tally: Tally) => void;
  readonly note: (text: string) => void;
}

export interface Promised {
  readonly id: string;
  /** One sentence that is true of a good bundle. */
  readonly text: string;
  readonly examine: (examination: Examination) => Promise<void>;
}

/**
 * Makes a Japa test of every promise for every cell of the suite in the current gate: it fails when something was found,
 * and counts as not judged when the machine, not the bundle, kept it from being examined.
 */
export function promiseForEachCell(
  suite: SuiteName,
  promises: (cell: Cell, plan: GatePlan) => readonly Promised[],
): void {
  const checksOf = (plan: GatePlan): readonly PlannedCheck[] =>
    plan.cells
      .filter((cell) => cell.suite === suite)
      .flatMap((cell) =>
        promises(cell, plan).map((promised) => {
          const id = `${cell.id}/${promised.id}`;
          const run = (gate: GateRun): Promise<Outcome> => examine(gate, cell, id, promised);
          return { id, cell: cell.id, promise: promised.text, examine: run };
        }),
      );
  const context = currentGate();
  if (context.kind === 'collection') {
    context.add(suite, checksOf);
    return;
  }
  const { run, define } = context;
  for (const planned of checksOf(run.plan)) {
    const { id, cell, promise } = planned;
    if (!run.plan.promise({ id, cell, promise })) continue;
    run.checks.add(planned);
    define(id, async () => {
      const outcome = await run.checks.outcome(id);
      if (outcome === 'failed' || outcome === 'not judged') throw new Error(outcome);
    });
  }
}

async function examine(gate: GateRun, cell: Cell, id: string, promised: Promised): Promise<Outcome> {
  const { log } = gate;
  const slug = checkSlug(id);
  const tallies: Tally[] = [];
  const notes: string[] = [];
  const failing: Finding[] = [];
  const tolerated: Finding[] = [];
  const found = (finding: Finding): void => {
    const tolerance = gate.toleranceOf(id, finding);
    (tolerance === undefined ? failing : tolerated).push(finding);
    log.append({ type: 'finding', check: id, finding, ...(tolerance === undefined ? {} : { tolerance }) });
  };
  const started = performance.now();
  log.append({ type: 'check-started', check: id });
  let outcome: Outcome = 'passed';
  let reason: string | null = null;
  try {
    await promised.examine({
      gate,
      cell,
      slug,
      found,
      compared: (tally) => tallies.push(tally),
      note: (text) => notes.push(text),
    });
    const [first] = [...failing, ...tolerated];
    if (first !== undefined) [outcome, reason] = [failing.length > 0 ? 'failed' : 'accepted', first.message];
  } catch (error) {
    const failure = launchFailure(error);
    if (failure !== undefined) found({ code: 'launch-failed', message: failure });
    // Part of it was not looked at, so that nothing that stands can speak for the rest.
    outcome = failing.length > 0 ? 'failed' : 'not judged';
    reason = failure ?? reasonOf(error);
  }
  const durationMs = Math.round(performance.now() - started);
  const evidence = existsSync(join(gate.reportDirectory, 'evidence', slug))
    ? { evidence: `evidence/${slug}` }
    : {};
  log.append({ type: 'check-ended', check: id, outcome, reason, tallies, notes, ...evidence, durationMs });
  return outcome;
}

function reasonOf(error: unknown): string {
  const { message, remedy } = faultOfOurs(error);
  return remedy === undefined ? message : `${message} (${remedy})`;
}
