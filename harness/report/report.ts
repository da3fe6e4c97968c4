import type {
  AbsentHostFacts,
  BundleFacts,
  HostFacts,
  OracleName,
  RunOptions,
  TapeFacts,
  Tally,
  TimedEvent,
} from '../verdict/event.ts';
import { judge, type Counts, type JudgedCell, type JudgedFinding, type Verdict } from '../verdict/judge.ts';
import type { MinorSkew } from '../verdict/minor-skew.ts';
import { sumNamed } from '../verdict/named-class.ts';
import type { PinComparison, PinFacts } from '../verdict/pin-facts.ts';
import type { PolicyFacts } from '../verdict/tolerance.ts';

/** Version of report.json; a reader refuses a newer one. */
export const reportSchemaVersion = 1;

/** A cell as report.json gives it; pages and records are those that recovery judged. */
export interface ReportCell extends Omit<JudgedCell, 'checks'> {
  readonly pages: number;
  readonly records: number;
  readonly differences: number;
  readonly checks: readonly ReportCheck[];
}

export interface ReportCheck {
  readonly id: string;
  readonly promise: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly compared: readonly Tally[];
  readonly notes: readonly string[];
  /** Folder of what was kept of it, relative to the report's; absent when nothing was. */
  readonly evidence?: string;
}

/** report.json: the verdict and all that it rests on; only `run` holds times and names of machines. */
export interface Report {
  readonly schemaVersion: typeof reportSchemaVersion;
  readonly verdict: Verdict;
  readonly exitCode: number;
  readonly sentence: string;
  /** Whether the run came to its end; one that did not is never more than `not judged`. */
  readonly complete: boolean;
  readonly counts: Counts;
  readonly majors: readonly number[];
  readonly hosts: readonly string[];
  readonly suites: readonly string[];
  readonly pages: number;
  readonly records: number;
  readonly differences: number;
  /** What was compared by which oracle, over all cells. */
  readonly compared: Readonly<Record<OracleName, Omit<Tally, 'oracle'>>>;
  /** Pages replayed but not judged by an oracle, by fork, once per tape. */
  readonly pagesNotJudged: Readonly<Record<string, number>>;
  readonly cells: readonly ReportCell[];
  /** With `tolerance` where the policy lets one stand. */
  readonly findings: readonly (JudgedFinding & { readonly check: string })[];
  readonly inputs: {
    readonly bundles: readonly BundleFacts[];
    readonly hosts: readonly HostFacts[];
    /** Hosts of the default ones that could not be had, with the reason. */
    readonly absentHosts: readonly AbsentHostFacts[];
    readonly tapes: readonly TapeFacts[];
    /** Where the candidate and the WAL are of different minors. */
    readonly skews: readonly MinorSkew[];
    readonly options: RunOptions | null;
    /** What was laid down beforehand about findings; null when nothing was. */
    readonly policy: PolicyFacts | null;
    /** The pinned bundle, and what changes from it to the candidate, by major; null when nothing was pinned. */
    readonly pin: (PinFacts & { readonly comparisons: readonly PinComparison[] }) | null;
  };
  readonly run: {
    readonly startedAt: string | null;
    readonly endedAt: string | null;
    readonly machine: string | null;
    readonly redoubtVersion: string | null;
    /** Of the harness itself, not of what it ran. */
    readonly peakRssBytes: number | null;
    readonly durationsMs: Readonly<Record<string, number>>;
  };
}

/** Derives report.json from the events of a run, whole or cut off. */
export function deriveReport(events: readonly TimedEvent[]): Report {
  const judgement = judge(events);
  const started = events.find((event) => event.type === 'run-started');
  const options = events.find((event) => event.type === 'options')?.options;
  const tapes = tapesInOrder(events);
  const cells = judgement.cells.map(reportCell);
  const checks = judgement.cells.flatMap((cell) => cell.checks);
  const compared = sumByOracle(checks.flatMap((check) => check.tallies));
  return {
    schemaVersion: reportSchemaVersion,
    verdict: judgement.verdict,
    exitCode: judgement.exitCode,
    sentence: judgement.sentence,
    complete: events.some((event) => event.type === 'run-ended'),
    counts: judgement.counts,
    majors: options?.majors ?? [],
    hosts: options?.hosts ?? [],
    suites: options?.suites ?? [],
    pages: compared.recovery.pages,
    records: compared.recovery.records,
    differences: Object.values(compared).reduce((sum, tally) => sum + tally.differences, 0),
    compared,
    pagesNotJudged: sumCounts(tapes.map((tape) => tape.notJudged)),
    cells,
    findings: checks.flatMap((check) => check.findings.map((finding) => ({ check: check.id, ...finding }))),
    inputs: {
      bundles: events.flatMap((event) => (event.type === 'bundle' ? [event.bundle] : [])),
      hosts: events.flatMap((event) => (event.type === 'host' ? [event.host] : [])),
      absentHosts: events.flatMap((event) => (event.type === 'host-absent' ? [event.host] : [])),
      tapes,
      skews: events.flatMap((event) => (event.type === 'skew' ? [event.skew] : [])),
      options: options ?? null,
      policy: events.find((event) => event.type === 'policy')?.policy ?? null,
      pin: pinOf(events),
    },
    run: {
      startedAt: started?.at ?? null,
      endedAt: events.at(-1)?.at ?? null,
      machine: started?.machine ?? null,
      redoubtVersion: started?.redoubtVersion ?? null,
      peakRssBytes: events.find((event) => event.type === 'run-ended')?.peakRssBytes ?? null,
      durationsMs: Object.fromEntries(
        events.flatMap((event) => (event.type === 'check-ended' ? [[event.check, event.durationMs]] : [])),
      ),
    },
  };
}

function pinOf(events: readonly TimedEvent[]): Report['inputs']['pin'] {
  const pin = events.find((event) => event.type === 'pin')?.pin;
  if (pin === undefined) return null;
  // The same may be told several times: of several compute images, or by a cell that was done anew.
  const comparisons = new Map(
    events.flatMap((event) =>
      event.type === 'pin-compared'
        ? [[`${String(event.comparison.major)} ${event.comparison.bundle ?? ''}`, event.comparison] as const]
        : [],
    ),
  );
  // Checks may end in any order.
  const inOrder = [...comparisons].toSorted(([left], [right]) => (left < right ? -1 : 1));
  return { ...pin, comparisons: inOrder.map(([, comparison]) => comparison) };
}

/** In an order that does not depend on which of several cells asked first. */
function tapesInOrder(events: readonly TimedEvent[]): readonly TapeFacts[] {
  const tapes = events.flatMap((event) => (event.type === 'tape' ? [event.tape] : []));
  const keyed = tapes.map(
    (tape) => [JSON.stringify([tape.variant, tape.major, tape.compute, tape.label]), tape] as const,
  );
  return keyed.toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, tape]) => tape);
}

function reportCell({ checks, verdict, ...cell }: JudgedCell): ReportCell {
  const tallies = checks.flatMap((check) => check.tallies);
  const byOracle = sumByOracle(tallies);
  return {
    ...cell,
    verdict,
    pages: byOracle.recovery.pages,
    records: byOracle.recovery.records,
    differences: tallies.reduce((sum, tally) => sum + tally.differences, 0),
    checks: checks.map(({ id, promise, outcome, reason, tallies: checkTallies, notes, evidence }) => ({
      id,
      promise,
      outcome,
      reason,
      compared: checkTallies,
      notes,
      ...(evidence === undefined ? {} : { evidence }),
    })),
  };
}

function sumByOracle(tallies: readonly Tally[]): Record<OracleName, Omit<Tally, 'oracle'>> {
  const sum = (oracle: OracleName): Omit<Tally, 'oracle'> => {
    const own = tallies.filter((tally) => tally.oracle === oracle);
    const total = (value: (tally: Tally) => number): number =>
      own.reduce((all, tally) => all + value(tally), 0);
    return {
      pages: total((tally) => tally.pages),
      records: total((tally) => tally.records),
      bytes: total((tally) => tally.bytes),
      masked: total((tally) => tally.masked),
      checksummed: total((tally) => tally.checksummed),
      named: sumNamed(own.map((tally) => tally.named)),
      differences: total((tally) => tally.differences),
    };
  };
  return {
    recovery: sum('recovery'),
    model: sum('model'),
    image: sum('image'),
    consistency: sum('consistency'),
    hosts: sum('hosts'),
    baseline: sum('baseline'),
  };
}

function sumCounts(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const counts of all)
    for (const [name, count] of Object.entries(counts)) total[name] = (total[name] ?? 0) + count;
  return Object.fromEntries(Object.entries(total).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}
