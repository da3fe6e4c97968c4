import { planCells, type Cell, type Check } from '../../harness/verdict/cell.ts';
import type { GateEvent, Outcome, Tally, TimedEvent } from '../../harness/verdict/event.ts';
import type { Finding } from '../../harness/verdict/finding.ts';

export const cells = planCells(['contract', 'walredo'], [15, 17], ['debian:11', 'debian:12']);

/** Two checks for every cell, `one` and `two`. */
export const checks: readonly Check[] = cells.flatMap((cell) =>
  ['one', 'two'].map((name) => ({ id: `${cell.id}/${name}`, cell: cell.id, promise: `${name} is kept` })),
);

export const tally: Tally = {
  oracle: 'recovery',
  pages: 10,
  records: 100,
  bytes: 81_920,
  masked: 0,
  checksummed: 0,
  named: {},
  differences: 0,
};

export const pageFinding: Finding = {
  code: 'page-content',
  message: 'public.words main block 3 has other contents',
};

/** Events with times a second apart. */
export function timed(...events: readonly GateEvent[]): readonly TimedEvent[] {
  return events.map((event, second) => ({
    at: new Date(1_800_000_000_000 + 1000 * second).toISOString(),
    ...event,
  }));
}

export const started: GateEvent = {
  type: 'run-started',
  schemaVersion: 1,
  redoubtVersion: '0.1.0',
  machine: 'here',
};

export function planned(
  plannedCells: readonly Cell[] = cells,
  plannedChecks: readonly Check[] = checks,
): GateEvent {
  return { type: 'planned', cells: plannedCells, checks: plannedChecks };
}

export function ended(check: string, outcome: Outcome = 'passed', tallies: readonly Tally[] = []): GateEvent {
  const reason = outcome === 'passed' ? null : `${outcome} for a reason`;
  return { type: 'check-ended', check, outcome, reason, tallies, notes: [], durationMs: 1500 };
}

export function found(check: string, finding: Finding = pageFinding): GateEvent {
  return { type: 'finding', check, finding };
}

export function over(testsRun = checks.length): GateEvent {
  return { type: 'run-ended', testsRun, peakRssBytes: 150_000_000 };
}

/** A whole run in which every check passed but for those that `outcomes` names; a failed one has a finding. */
export function wholeRun(outcomes: Readonly<Record<string, Outcome>> = {}): readonly GateEvent[] {
  return [
    started,
    planned(),
    ...checks.flatMap(({ id }) => {
      const outcome = outcomes[id] ?? 'passed';
      return [...(outcome === 'failed' ? [found(id)] : []), ended(id, outcome, [tally])];
    }),
    over(),
  ];
}
