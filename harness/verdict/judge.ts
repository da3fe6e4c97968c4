import type { Cell, Check, SuiteName } from './cell.ts';
import type { Outcome, Tally, TimedEvent } from './event.ts';
import type { Finding } from './finding.ts';
import { describeSkew } from './minor-skew.ts';
import { isGranted, type PolicyFacts, policyFaults, type Tolerance } from './tolerance.ts';

export type Verdict = 'compatible' | 'incompatible' | 'not judged';

/** `planned` = `run` + `notJudged`, `run` = `passed` + `failed` + `accepted`; all count checks. */
export interface Counts {
  readonly planned: number;
  readonly run: number;
  readonly passed: number;
  readonly failed: number;
  /** In which something was found that the policy lets stand. */
  readonly accepted: number;
  readonly notJudged: number;
}

/** Something found, and why it does not fail its check, if so. */
export type JudgedFinding = Finding & { readonly tolerance?: Tolerance };

export interface JudgedCheck extends Check {
  readonly outcome: Outcome;
  readonly reason: string | null;
  readonly tallies: readonly Tally[];
  readonly notes: readonly string[];
  /** Folder of what was kept of it, relative to the report's. */
  readonly evidence?: string;
  readonly findings: readonly JudgedFinding[];
}

export interface JudgedCell extends Cell {
  readonly verdict: Verdict;
  readonly checks: readonly JudgedCheck[];
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly exitCode: 0 | 1 | 3;
  /** The verdict in one sentence that names the suites judged and, if there is one, the cause. */
  readonly sentence: string;
  readonly counts: Counts;
  readonly cells: readonly JudgedCell[];
}

/**
 * Folds the events of a run into its verdict. A run that did not come to its end, or whose counts do not add up, is not
 * judged at all; else one failed check makes it incompatible, and it is compatible only if every planned check passed.
 */
export function judge(events: readonly TimedEvent[]): Judgement {
  const cells = judgeCells(events);
  const checks = cells.flatMap((cell) => cell.checks);
  const counts = countChecks(checks);
  const trouble = brokenRun(events, cells, counts) ?? (counts.failed > 0 ? undefined : openCheck(checks));
  const ofPolicy = trouble === undefined ? faultsOfPolicy(events, checks) : [];
  const verdict: Verdict =
    trouble !== undefined
      ? 'not judged'
      : counts.failed + ofPolicy.length > 0
        ? 'incompatible'
        : 'compatible';
  return {
    verdict,
    exitCode: verdict === 'compatible' ? 0 : verdict === 'incompatible' ? 1 : 3,
    sentence:
      sentenceOf(verdict, cells, checks, trouble, ofPolicy) +
      withTolerated(verdict, checks) +
      acrossMinors(verdict, events) +
      withoutHosts(verdict, events) +
      withoutChecks(verdict, counts, events),
    counts,
    cells,
  };
}

function judgeCells(events: readonly TimedEvent[]): readonly JudgedCell[] {
  const ended = new Map<string, Extract<TimedEvent, { type: 'check-ended' }>>();
  const findings = new Map<string, JudgedFinding[]>();
  let cells: readonly Cell[] = [];
  let checks: readonly Check[] = [];
  for (const event of events) {
    if (event.type === 'planned') ({ cells, checks } = event);
    if (event.type === 'check-ended') ended.set(event.check, event);
    if (event.type === 'finding')
      findings.set(event.check, [...(findings.get(event.check) ?? []), judgedFinding(event)]);
  }
  const checksByCell = Map.groupBy(checks, ({ cell }) => cell);
  return cells.map((cell) => {
    const judged = (checksByCell.get(cell.id) ?? []).map((check): JudgedCheck => {
      const end = ended.get(check.id);
      return {
        ...check,
        outcome: end?.outcome ?? 'not judged',
        reason: end === undefined ? 'it never ended' : end.reason,
        tallies: end?.tallies ?? [],
        notes: end?.notes ?? [],
        ...(end?.evidence === undefined ? {} : { evidence: end.evidence }),
        findings: findings.get(check.id) ?? [],
      };
    });
    return { ...cell, verdict: cellVerdict(judged), checks: judged };
  });
}

function cellVerdict(checks: readonly JudgedCheck[]): Verdict {
  if (checks.some((check) => check.outcome === 'failed')) return 'incompatible';
  if (checks.length === 0 || checks.some((check) => check.outcome === 'not judged')) return 'not judged';
  return 'compatible';
}

function countChecks(checks: readonly JudgedCheck[]): Counts {
  const count = (outcome: Outcome): number => checks.filter((check) => check.outcome === outcome).length;
  const passed = count('passed');
  const failed = count('failed');
  const accepted = count('accepted');
  return {
    planned: checks.length,
    run: passed + failed + accepted,
    passed,
    failed,
    accepted,
    notJudged: count('not judged'),
  };
}

/** Why the run as a whole says nothing; undefined if it was whole. */
function brokenRun(
  events: readonly TimedEvent[],
  cells: readonly JudgedCell[],
  counts: Counts,
): string | undefined {
  const failure = events.find((event) => event.type === 'run-failed');
  if (failure !== undefined) return failure.reason;
  const end = events.find((event) => event.type === 'run-ended');
  if (end === undefined) return cutOff(events, counts);
  if (counts.planned === 0) return 'nothing was planned';
  if (end.testsRun !== counts.planned) {
    return `${String(counts.planned)} checks were planned, but ${String(end.testsRun)} ran`;
  }
  const empty = cells.find((cell) => cell.checks.length === 0);
  if (empty !== undefined) return `nothing was planned for ${empty.id}`;
  return strayEvent(events, cells);
}

/** A killed run's events say how far it came, and that this is no result. */
function cutOff(events: readonly TimedEvent[], { planned, run, failed }: Counts): string {
  if (!events.some((event) => event.type === 'planned'))
    return 'incomplete: the run was cut off before anything was planned';
  const found = failed === 0 ? '' : `, ${String(failed)} of which failed`;
  return `incomplete: the run was cut off after ${String(run)} of ${String(planned)} checks${found}`;
}

/** An end or a finding that no plan accounts for: the events contradict one another, and so prove nothing. */
function strayEvent(events: readonly TimedEvent[], cells: readonly JudgedCell[]): string | undefined {
  const checks = new Map(cells.flatMap((cell) => cell.checks).map((check) => [check.id, check]));
  const ended = new Set<string>();
  const policy = policyOf(events);
  for (const event of events) {
    if (event.type !== 'check-ended' && event.type !== 'finding') continue;
    const check = checks.get(event.check);
    if (check === undefined) return `${event.check} has results, but was not planned`;
    if (event.type === 'finding' && check.outcome === 'passed')
      return `${event.check} passed, although something was found`;
    if (event.type === 'finding' && check.outcome === 'accepted' && event.tolerance === undefined)
      return `${event.check} is accepted, although nothing accepts ${event.finding.code}`;
    if (
      event.type === 'finding' &&
      event.tolerance !== undefined &&
      !isGranted(policy, event.check, event.finding, event.tolerance)
    )
      return `${event.check}: ${event.finding.code} is accepted by no policy`;
    if (event.type === 'check-ended' && event.outcome === 'accepted' && check.findings.length === 0)
      return `${event.check} is accepted, although nothing was found`;
    if (event.type === 'check-ended' && ended.has(event.check)) return `${event.check} ended twice`;
    if (event.type === 'check-ended') ended.add(event.check);
  }
  return undefined;
}

/** The first check that could not be judged, with its reason. */
function openCheck(checks: readonly JudgedCheck[]): string | undefined {
  const open = checks.filter((check) => check.outcome === 'not judged');
  const first = open[0];
  if (first === undefined) return undefined;
  const others = open.length === 1 ? '' : ` (and ${String(open.length - 1)} more)`;
  return `${first.id}: ${first.reason ?? 'no reason given'}${others}`;
}

function sentenceOf(
  verdict: Verdict,
  cells: readonly JudgedCell[],
  checks: readonly JudgedCheck[],
  trouble: string | undefined,
  ofPolicy: readonly string[],
): string {
  const suites = suitesOf(cells, (cell) => cell.verdict !== 'not judged');
  const open = suitesOf(cells, (cell) => cell.verdict === 'not judged');
  const openWords = open === '' ? '' : `; not judged: ${open}`;
  switch (verdict) {
    case 'compatible':
      return `compatible (${suites})${withoutOracle(checks)}`;
    case 'incompatible': {
      const failed = checks.filter((check) => check.outcome === 'failed');
      const first = failed[0];
      if (first === undefined) return `incompatible (policy): ${ofPolicy.join('; ')}`;
      const cause =
        first.findings.find(({ tolerance }) => tolerance === undefined)?.message ??
        first.reason ??
        'no cause recorded';
      const where = `${String(failed.length)} of ${String(checks.length)} checks failed`;
      const also = ofPolicy.length === 0 ? '' : `; policy: ${ofPolicy.join('; ')}`;
      return `incompatible (${suitesOf(cells, (cell) => cell.verdict === 'incompatible')}): ${cause} [${where}${openWords}]${also}`;
    }
    case 'not judged':
      return `not judged: ${trouble ?? 'no reason given'}`;
  }
}

/** A replay of nothing but recordings shows that walredo answers, and the same everywhere; not that it answers rightly. */
function withoutOracle(checks: readonly JudgedCheck[]): string {
  const oracles = new Set(checks.flatMap(({ tallies }) => tallies.map(({ oracle }) => oracle)));
  const compared = oracles.size > 0;
  const judged = oracles.has('recovery') || oracles.has('model') || oracles.has('image');
  return compared && !judged ? ': the same everywhere, but held against no oracle' : '';
}

/** What a verdict rests on when bundle and WAL are of different minors: then not all pages are claimed to be equal. */
function acrossMinors(verdict: Verdict, events: readonly TimedEvent[]): string {
  const skews = events.flatMap((event) => (event.type === 'skew' ? [describeSkew(event.skew)] : []));
  // Several compute images or bundles may be of the same minors.
  return verdict === 'not judged' || skews.length === 0
    ? ''
    : `, across minors: ${[...new Set(skews)].join(', ')}`;
}

/** What was found and does not fail the gate, counted in the sentence: accepted is never silent. */
function withTolerated(verdict: Verdict, checks: readonly JudgedCheck[]): string {
  const kinds = checks.flatMap(({ findings }) =>
    findings.flatMap(({ tolerance }) => (tolerance === undefined ? [] : [tolerance.kind])),
  );
  const count = (wanted: Tolerance['kind'], noun: string): readonly string[] => {
    const times = kinds.filter((kind) => kind === wanted).length;
    return times === 0 ? [] : [`${String(times)} ${noun}${times === 1 ? '' : 's'}`];
  };
  const words = [...count('accepted', 'accepted finding'), ...count('warning', 'warning')];
  return verdict === 'not judged' || words.length === 0 ? '' : `, with ${words.join(' and ')}`;
}

function policyOf(events: readonly TimedEvent[]): PolicyFacts | undefined {
  return events.find((event) => event.type === 'policy')?.policy;
}

function faultsOfPolicy(events: readonly TimedEvent[], checks: readonly JudgedCheck[]): readonly string[] {
  const policy = policyOf(events);
  if (policy === undefined) return [];
  const shard = events.find((event) => event.type === 'options')?.options.matrix?.shard;
  return policyFaults(
    policy,
    checks.map(({ id, outcome, findings }) => ({
      id,
      isJudged: outcome !== 'not judged',
      tolerances: findings.flatMap(({ tolerance }) => (tolerance === undefined ? [] : [tolerance])),
    })),
    // What one shard does not find another may.
    shard === undefined,
  );
}

function judgedFinding({ finding, tolerance }: Extract<TimedEvent, { type: 'finding' }>): JudgedFinding {
  return tolerance === undefined ? finding : { ...finding, tolerance };
}

/** Hosts that belong to the run and could not be had: what was judged says nothing of them. */
function withoutHosts(verdict: Verdict, events: readonly TimedEvent[]): string {
  const names = events.flatMap((event) => (event.type === 'host-absent' ? [event.host.name] : []));
  return verdict === 'not judged' || names.length === 0 ? '' : `; hosts not judged: ${names.join(', ')}`;
}

function suitesOf(cells: readonly JudgedCell[], wanted: (cell: JudgedCell) => boolean): string {
  const suites = new Set<SuiteName>();
  for (const cell of cells) if (wanted(cell)) suites.add(cell.suite);
  return [...suites].join(', ');
}

/** Checks of the plan that were not asked for: a verdict on a few must not be read as one on all. */
function withoutChecks(verdict: Verdict, { planned }: Counts, events: readonly TimedEvent[]): string {
  const leftOut = events.find((event) => event.type === 'planned')?.leftOut ?? 0;
  if (verdict === 'not judged' || leftOut === 0) return '';
  const only = events.find((event) => event.type === 'options')?.options.only ?? 'were asked for';
  return `; only ${String(planned)} of ${String(planned + leftOut)} checks: those that ${only}`;
}
