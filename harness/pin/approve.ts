import { RedoubtError } from '../error.ts';
import type { Report } from '../report/report.ts';
import type { Approval } from './bundle-lock.ts';
import type { SealedReport } from './sealed-report.ts';

/** As a matrix calls what is captured where no workload is named. */
const usualWorkload = 'default';

/** What a report must have judged to approve a bundle. */
export interface RequiredScope {
  readonly suites: readonly string[];
  readonly majors: readonly number[];
  readonly hosts: readonly string[];
  /** Locales in use, as `libc:C.UTF-8`. */
  readonly locales: readonly string[];
  /** Those that are judged where a run names none. */
  readonly usualLocales: readonly string[];
  /** Longest time that a page may take. */
  readonly answerTimeoutMs: number;
  /** Where its pages must come from. */
  readonly pages: RequiredPages;
}

/** Pages for walredo to make. */
export type RequiredPages =
  | {
      readonly kind: 'captured';
      /** Labels of the tapes that the gate captures of each major. */
      readonly captures: readonly string[];
      /** Names of the compute images that the policy lists; any one will do where it lists none. */
      readonly computeImages: readonly string[];
    }
  /** Tapes that the policy names, by where they lie and what is in them. */
  | { readonly kind: 'given'; readonly tapes: readonly { readonly path: string; readonly digest: string }[] };

/**
 * Whether a report approves exactly that bundle, and on what grounds. Throws, in words: `report-failed` (verdict),
 * `report-not-judged` (infrastructure), `report-of-other-bundle`, `report-incomplete` (usage).
 */
export function approve(
  { report, digest }: SealedReport,
  bundle: { readonly digest: string; readonly source: string },
  required: RequiredScope,
): Approval {
  requireBundle(report, bundle);
  requirePass(report);
  const { options, policy, tapes } = report.inputs;
  const shard = options?.matrix?.shard;
  if (options?.only !== undefined) throw incomplete(`it has only those checks that ${options.only}`);
  if (shard !== undefined)
    throw incomplete(`it is of shard ${String(shard.index)} of ${String(shard.count)} alone`);
  requireScope(report, required);
  requireRigour(report, required);
  requirePages(report, required);
  return {
    report: digest,
    sentence: report.sentence,
    redoubtVersion: report.run.redoubtVersion,
    suites: report.suites,
    hosts: report.hosts,
    computeImages: [...new Set(tapes.flatMap(({ compute }) => compute ?? []))].toSorted(),
    policy: policy?.digest ?? null,
    accepted: acceptedIn(report),
  };
}

function requireBundle(
  { inputs }: Report,
  { digest, source }: { readonly digest: string; readonly source: string },
): void {
  const candidates = inputs.bundles.filter(({ role }) => role === 'candidate');
  const [candidate] = candidates;
  if (candidates.length > 1)
    throw otherBundle(
      `the report judges ${String(candidates.length)} candidates`,
      'Pin by a run of one bundle.',
    );
  if (candidate === undefined)
    throw otherBundle('the report names no candidate', 'Run the gate again, to its end.');
  if (candidate.digest !== digest)
    throw otherBundle(
      `the report is of another bundle: it judged ${candidate.source} (sha256 ${candidate.digest}), and ${source} has sha256 ${digest}`,
      'Judge that very file, or name the bundle of the report with --candidate.',
    );
}

function requirePass({ verdict, sentence }: Report): void {
  if (verdict === 'compatible') return;
  const isFailed = verdict === 'incompatible';
  throw new RedoubtError(
    isFailed ? 'verdict' : 'infrastructure',
    isFailed ? 'report-failed' : 'report-not-judged',
    `the report does not approve the bundle: ${sentence}`,
    {
      remedy: isFailed
        ? 'Mend the bundle, or have its findings accepted in redoubt.config.ts; then run the gate again.'
        : 'Run the gate again where everything can be judged.',
    },
  );
}

function requireScope(report: Report, { suites, majors, hosts }: RequiredScope): void {
  const missing = (
    [
      ['suite', suites, report.suites],
      ['PostgreSQL', majors.map(String), report.majors.map(String)],
      ['host', hosts, report.hosts],
    ] as const
  ).flatMap(([what, wanted, has]) => {
    const lacking = wanted.filter((each) => !has.includes(each));
    return lacking.length === 0 ? [] : [`${what} ${lacking.join(', ')}`];
  });
  if (missing.length > 0) throw incomplete(`it does not judge ${missing.join('; ')}`);
  const isJudged = (suite: string, major: number, host: string): boolean =>
    report.cells.some(
      (cell) =>
        cell.suite === suite && cell.major === major && cell.host === host && cell.verdict === 'compatible',
    );
  for (const suite of suites)
    for (const major of majors)
      for (const host of hosts)
        if (!isJudged(suite, major, host))
          throw incomplete(`it has no passing cell pg${String(major)}/${host}/${suite}`);
  const { recovery } = report.compared;
  if (suites.includes('walredo') && recovery.pages === 0)
    throw incomplete('no page in it was held against recovery');
}

/** A run that looks away, or waits longer than a pageserver does, approves nothing. */
function requireRigour(
  { inputs: { options } }: Report,
  { locales, usualLocales, answerTimeoutMs }: RequiredScope,
): void {
  const judged = new Set(options?.locales ?? usualLocales);
  const unseen = locales.filter((locale) => !judged.has(locale));
  if (unseen.length > 0) throw incomplete(`it was not told that ${unseen.join(', ')} are in use`);
  const waitedMs = options?.answerTimeoutMs ?? answerTimeoutMs;
  if (waitedMs > answerTimeoutMs)
    throw incomplete(
      `it waited up to ${String(waitedMs / 1000)} s for a page, where ${String(answerTimeoutMs / 1000)} s is the limit`,
    );
  const workloads = options?.matrix?.workloads ?? [usualWorkload];
  if (!workloads.includes(usualWorkload))
    throw incomplete(`it replays ${workloads.join(', ')} alone, not the usual workloads`);
}

/** Any tape has pages that a bundle gets right: which ones count is not for whoever asks for the pin to choose. */
function requirePages({ inputs }: Report, { suites, majors, pages }: RequiredScope): void {
  if (!suites.includes('walredo')) return;
  if (pages.kind === 'given') {
    const missing = pages.tapes.filter(({ digest }) => !inputs.tapes.some((tape) => tape.digest === digest));
    if (missing.length === 0) return;
    throw incomplete(
      `it does not replay ${missing.map(({ path, digest }) => `${path} (sha256 ${digest.slice(0, 12)})`).join(', ')}`,
      'Run the gate under redoubt.config.ts without --tape: it then replays the tapes that are named there.',
    );
  }
  for (const major of majors) {
    const ofMajor = inputs.tapes.filter((tape) => tape.major === major);
    const captured = new Set(ofMajor.filter(({ compute }) => compute !== null).map(({ label }) => label));
    const missing = pages.captures.filter((label) => !captured.has(label));
    if (missing.length === 0) continue;
    const given = ofMajor.filter(({ compute }) => compute === null).map(({ label }) => label);
    throw incomplete(
      given.length === 0
        ? `of PostgreSQL ${String(major)} it does not replay ${missing.join(', ')}`
        : `of PostgreSQL ${String(major)} it replays only what it was given (${given.join(', ')}), and none of what the gate captures by itself (${missing.join(', ')})`,
      'Run the gate without --tape. Tapes that are to count instead belong into redoubt.config.ts: tapes: [...].',
    );
  }
  const unused = pages.computeImages.filter((name) => !inputs.tapes.some(({ compute }) => compute === name));
  if (unused.length > 0) throw incomplete(`no page in it comes from ${unused.join(', ')}`);
}

function acceptedIn({ findings, inputs }: Report): Approval['accepted'] {
  const entries = new Set(
    findings.flatMap(({ tolerance }) => (tolerance?.kind === 'accepted' ? [tolerance.entry] : [])),
  );
  return (inputs.policy?.accepted ?? []).filter((_, entry) => entries.has(entry));
}

function otherBundle(message: string, remedy: string): RedoubtError {
  return new RedoubtError('usage', 'report-of-other-bundle', message, { remedy });
}

const judgeAll =
  'Run the gate on all of it; redoubt.config.ts says what belongs to it, if not everything does.';

function incomplete(why: string, remedy = judgeAll): RedoubtError {
  return new RedoubtError('usage', 'report-incomplete', `the report is not complete: ${why}`, { remedy });
}
