import type { NightlyFinding, NightlyInput, NightlyRun } from './nightly-run.ts';

/** A bundle, host or compute image that was another in the last good run; null stands for none. */
export interface ChangedInput {
  readonly name: string;
  readonly from: NightlyInput | null;
  readonly to: NightlyInput;
}

/** Where a finding began. */
export interface FirstBad {
  /** When the run began that found it first. */
  readonly at: string;
  /** The last run before in which the same check found nothing of the kind; null when none looked. */
  readonly lastGoodAt: string | null;
  /** What the first bad run had and the last good one had not; nothing may have changed. */
  readonly changed: readonly ChangedInput[];
  /** Of Redoubt, where it changed as well. */
  readonly redoubt: { readonly from: string | null; readonly to: string | null } | null;
}

/** A finding of this run, and since when it is there. */
export interface StandingFinding {
  readonly finding: NightlyFinding;
  readonly firstBad: FirstBad;
  /** How many runs in a row found it, this one included. */
  readonly runs: number;
}

/** A finding of the run before that is not in this one. */
export interface GoneFinding {
  readonly finding: NightlyFinding;
  /** When the run began that found it first, and last. */
  readonly since: string;
  readonly lastAt: string;
}

/** What a run says that the one before did not. */
export interface News {
  /** When the run before began; null for the first of a history. */
  readonly previousAt: string | null;
  /** The verdict before, where it was another. */
  readonly verdictBefore: string | null;
  readonly fresh: readonly StandingFinding[];
  readonly still: readonly StandingFinding[];
  /** Looked for, and not found any more. */
  readonly gone: readonly GoneFinding[];
  /** Found when it was last looked for, and not looked for in this run. */
  readonly unseen: readonly GoneFinding[];
}

/** Holds a run against those before it, in whatever order they come. */
export function newsOf(history: readonly NightlyRun[], current: NightlyRun): News {
  const earlier = history
    .filter(({ at, id }) => at < current.at && id !== current.id)
    .toSorted((left, right) => (left.at < right.at ? -1 : 1));
  const previous = earlier.at(-1);
  const standing = current.findings.map((finding) => standingOf(earlier, current, finding));
  const past = lastFindings(earlier).filter(
    ({ finding }) => !current.findings.some(({ key }) => key === finding.key),
  );
  const judged = new Set(current.judged);
  return {
    previousAt: previous?.at ?? null,
    verdictBefore: previous === undefined || previous.verdict === current.verdict ? null : previous.verdict,
    fresh: standing.filter(({ runs }) => runs === 1),
    still: standing.filter(({ runs }) => runs > 1),
    gone: past.filter(({ finding }) => judged.has(finding.check)),
    unseen: past.filter(({ finding }) => !judged.has(finding.check)),
  };
}

function standingOf(
  earlier: readonly NightlyRun[],
  current: NightlyRun,
  finding: NightlyFinding,
): StandingFinding {
  const { row, lastGood } = unbrokenRow(earlier, finding);
  const first = row[0] ?? current;
  const isOtherRedoubt = lastGood !== undefined && lastGood.redoubtVersion !== first.redoubtVersion;
  return {
    finding,
    runs: row.length + 1,
    firstBad: {
      at: first.at,
      lastGoodAt: lastGood?.at ?? null,
      changed: lastGood === undefined ? [] : changedInputs(lastGood, first, finding.check),
      redoubt: isOtherRedoubt ? { from: lastGood.redoubtVersion, to: first.redoubtVersion } : null,
    },
  };
}

/** The runs up to now that found it, one after the other; those that did not look are passed over. */
function unbrokenRow(
  earlier: readonly NightlyRun[],
  { key, check }: NightlyFinding,
): { readonly row: readonly NightlyRun[]; readonly lastGood: NightlyRun | undefined } {
  const row: NightlyRun[] = [];
  for (const run of earlier.toReversed()) {
    if (run.findings.some((each) => each.key === key)) row.unshift(run);
    else if (run.judged.includes(check)) return { row, lastGood: run };
  }
  return { row, lastGood: undefined };
}

/** Each finding that was there when it was last looked for, with where it began. */
function lastFindings(earlier: readonly NightlyRun[]): readonly GoneFinding[] {
  const open = new Map<string, GoneFinding>();
  for (const run of earlier) {
    for (const [key, { finding }] of open)
      if (run.judged.includes(finding.check) && !run.findings.some((each) => each.key === key))
        open.delete(key);
    for (const finding of run.findings)
      open.set(finding.key, {
        finding,
        since: open.get(finding.key)?.since ?? run.at,
        lastAt: run.at,
      });
  }
  return [...open.values()];
}

function changedInputs(good: NightlyRun, bad: NightlyRun, check: string): readonly ChangedInput[] {
  return Object.entries(bad.inputs)
    .filter(([name, { digest }]) => concerns(name, check) && good.inputs[name]?.digest !== digest)
    .map(([name, to]) => ({ name, from: good.inputs[name] ?? null, to }));
}

/** A host, or a major's compute image, has nothing to do with what is found on another. */
function concerns(input: string, check: string): boolean {
  const [cell = '', host = ''] = check.split('/');
  if (input.startsWith('host ')) return input === `host ${host}`;
  const [, ofMajor] = / of (\d+)$/.exec(input) ?? [];
  return !input.startsWith('compute ') || new RegExp(`pg${ofMajor ?? ''}(?:@|$)`).test(cell);
}
