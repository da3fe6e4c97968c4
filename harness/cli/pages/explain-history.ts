import { RedoubtError } from '../../error.ts';
import { describeRanges } from '../../page/describe-difference.ts';
import { diffPages } from '../../page/diff.ts';
import { explainPage } from '../../page/explain.ts';
import { explainedLines } from '../../page/explain-text.ts';
import type { PageKind } from '../../page/kind.ts';
import {
  firstStep,
  missingWords,
  stepsOf,
  type PageStep,
  type PageWithHistory,
} from '../../verdict/history-steps.ts';
import type { HistoryRecord } from '../../verdict/page-history.ts';
import { readPageEvidence } from '../../verdict/read-page-evidence.ts';
import type { BytePaint } from './byte-paint.ts';
import { collationLines, type Explanation } from './explain-tape.ts';
import { hexLines, type HexOptions } from './hex-lines.ts';
import { countOf } from './page-file.ts';
import { parseNumber } from './page-words.ts';
import { rangeLines } from './range-lines.ts';
import { table } from '../table.ts';

const shownRanges = 16;
const shownRecords = 40;
const columns = 108;

/** What of a page's evidence to show. */
export interface HistoryOptions {
  /** After how many records, as typed; the first step that is wrong without it, or the end. */
  readonly step: string | undefined;
  /** Whose page to take apart as well. */
  readonly side: string | undefined;
  readonly all: boolean;
  /** Adds the bytes of both sides, so coloured. */
  readonly hex: BytePaint | undefined;
}

/** The evidence of a bad page: its records, and both sides after one of them. Throws `no-such-step` (usage). */
export function explainHistory(folder: string, options: HistoryOptions): Explanation {
  const { step: asked, side, all, hex } = options;
  const page = readPageEvidence(folder);
  const { history } = page;
  const steps = stepsOf(page);
  const step = steps[asked === undefined ? firstStep(page, steps) : stepNumber(steps, asked)] as PageStep;
  const { bundle, other, otherName, count } = step;
  const kind = history.kind as PageKind;
  const difference =
    bundle && other ? diffPages(other, bundle, kind, all ? Infinity : shownRanges) : undefined;
  const ranges =
    difference && bundle && other
      ? describeRanges(other, bundle, kind, difference, history.columns)
      : undefined;
  const shown = side === 'other' ? other : side === 'bundle' ? bundle : undefined;
  const explained = shown === undefined ? undefined : explainPage(shown, kind, history.columns);
  const record = history.records.find(({ number }) => number === count);
  return {
    lines: [
      `${history.name}: a ${kind} page of PostgreSQL ${history.major}, by the bundle on ${history.host}`,
      `compared with ${history.standard}`,
      ...collationLines(history.collations),
      ...history.notes,
      '',
      `records: ${history.recordCount}`,
      ...recordLines(history.records, count, history.steps?.parting ?? null, all),
      '',
      `after ${count} of ${countOf(history.recordCount, 'record')}${record === undefined ? '' : `: ${record.rmgr} ${record.kind}, which ends at ${record.endLsn}`}`,
      ...(record?.fields ?? []).map(({ name, value }) => `  ${name} ${value}`),
      ...differenceLines(page, step, ranges, difference?.rangesTotal ?? 0),
      ...(explained === undefined
        ? []
        : ['', side === 'other' ? otherName : 'the bundle', ...explainedLines(explained, { all })]),
    ]
      .map((line) => (line.length <= columns ? line : `${line.slice(0, columns - 2)}..`))
      // Cut by themselves: colours count for nothing.
      .concat(hex === undefined ? [] : bytesOf(step, kind, { paint: hex, all })),
    object: {
      evidence: folder,
      page: history.name,
      step: count,
      steps: steps.map((one) => one.count),
      parting: history.steps?.parting ?? null,
      notes: history.notes,
      collations: history.collations,
      records: history.records,
      otherName,
      differences: ranges ?? null,
      explained: explained ?? null,
    },
  };
}

/** Both sides after the step, or the one that there is. */
function bytesOf(
  { bundle, other, otherName }: PageStep,
  kind: PageKind,
  options: HexOptions,
): readonly string[] {
  const sides = [
    { name: otherName, page: other },
    { name: 'the bundle', page: bundle },
  ];
  const lines = hexLines(kind, sides, options);
  return lines.length === 0 ? [] : ['', ...lines];
}

function differenceLines(
  page: PageWithHistory,
  step: PageStep,
  ranges: ReturnType<typeof describeRanges> | undefined,
  total: number,
): readonly string[] {
  if (ranges === undefined) return [missingWords(page, step) ?? ''];
  if (ranges.length === 0) return ['both sides have the same page'];
  return [
    `other is ${step.otherName}`,
    ...ranges.flatMap((range) => rangeLines(range, ['other ', 'bundle'])),
    ...(total > ranges.length ? [`  ... ${total - ranges.length} more fields; --all shows them`] : []),
  ];
}

function recordLines(
  records: readonly HistoryRecord[],
  current: number,
  parting: number | null,
  all: boolean,
): readonly string[] {
  const near = all
    ? records
    : records.filter(({ number }) => Math.abs(number - current) <= shownRecords / 2 || number <= 3);
  const rows = near.map(({ number, endLsn, rmgr, kind, blocks }) => [
    number === current ? '>' : number === parting ? '!' : '',
    String(number),
    endLsn,
    `${rmgr} ${kind}`.trimEnd(),
    `${blocks.join(', ')}${number === parting ? '  WRONG FROM HERE ON' : ''}`,
  ]);
  const left = records.length - near.length;
  return [
    ...table(['', 'number', 'end LSN', 'record', 'blocks'], rows),
    ...(left === 0 ? [] : [`... ${left} more records; --all shows them`]),
  ];
}

function stepNumber(steps: readonly PageStep[], typed: string): number {
  const count = parseNumber(typed, '--step');
  const found = steps.findIndex((step) => step.count === count);
  if (found >= 0) return found;
  const known = steps.map((step) => step.count);
  throw new RedoubtError(
    'usage',
    'no-such-step',
    `--step ${typed}: the page after ${typed} records is not kept`,
    {
      remedy: `Choose from ${known.length > 12 ? `${known.slice(0, 6).join(', ')}, ..., ${known.slice(-6).join(', ')}` : known.join(', ')}.`,
    },
  );
}
