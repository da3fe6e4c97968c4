import type { PageHistory } from './page-history.ts';

/** How a page came to be, with its pages: `steps` by the position that the history names. */
export interface PageWithHistory {
  readonly history: PageHistory;
  readonly expected: Buffer;
  /** Undefined when the bundle gave none. */
  readonly actual: Buffer | undefined;
  readonly steps: readonly Buffer[];
}

/** Both sides of a page after some of its records; a side that is not known is undefined. */
export interface PageStep {
  readonly count: number;
  readonly bundle: Buffer | undefined;
  readonly other: Buffer | undefined;
  readonly otherName: string;
}

/** The steps of a page; its end alone where nothing else is known. What was judged is the end, whatever was replayed later. */
export function stepsOf({ history, expected, actual, steps }: PageWithHistory): readonly PageStep[] {
  const kept = history.steps;
  const end: PageStep = {
    count: history.recordCount,
    bundle: actual,
    other: expected,
    otherName: `expected: ${history.standard}`,
  };
  if (kept === null) return [end];
  const page = (position: number | null | undefined): Buffer | undefined =>
    position === null || position === undefined ? undefined : steps[position];
  const known = kept.counts.map((count, index): PageStep => ({
    count,
    bundle: page(kept.bundle[index]),
    other: page(kept.other?.[index]),
    otherName: kept.otherName ?? 'other side',
  }));
  return [...known.filter(({ count }) => count !== history.recordCount), end];
}

/** What is to be said of a step that has not both sides; undefined for one that has. */
export function missingWords(
  { history }: PageWithHistory,
  { bundle, other, otherName }: PageStep,
): string | undefined {
  if (bundle !== undefined && other !== undefined) return undefined;
  if (bundle === undefined && history.isAnswered === false) return 'The bundle gives no page here.';
  if (bundle === undefined && other === undefined) return 'Neither side has a page here.';
  return `Only ${bundle === undefined ? otherName : 'the bundle'} is known here.`;
}

/** Where a reader begins: at the first step after which the sides part, else at the end. */
export function firstStep({ history }: PageWithHistory, steps: readonly PageStep[]): number {
  const parting = history.steps?.parting;
  const found = steps.findIndex(({ count }) => count === parting);
  return found < 0 ? steps.length - 1 : found;
}
