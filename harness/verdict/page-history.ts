import type { KeyColumn } from '../page/key/key-column.ts';
import type { ExplainedRecord } from '../redo/request/explain-record.ts';

/** Files of a page's evidence, in the folder that its finding names. */
export const evidenceFiles = {
  requests: 'requests',
  expected: 'expected.page',
  actual: 'actual.page',
  history: 'history.json',
  /** The pages of all steps one behind the other, compressed: the bundle's, then the other side's. */
  steps: 'steps.pages.gz',
} as const;

/** A record of a page's history; `number` counts from 1. */
export interface HistoryRecord extends ExplainedRecord {
  readonly number: number;
}

/** How a page came to be what it is, on both sides: `history.json` beside the pages. */
export interface PageHistory {
  readonly schemaVersion: 1;
  /** `public.words_idx main block 12`. */
  readonly name: string;
  readonly kind: string;
  /** Of its columns' texts, where the relation is known. */
  readonly collations: readonly string[];
  /** Of an index, where the tape knows them. */
  readonly columns?: readonly KeyColumn[];
  readonly major: number;
  readonly host: string;
  /** What the page was compared with, in words. */
  readonly standard: string;
  readonly origin: string;
  /** False for a page that the bundle did not give; absent for one that it gave. */
  readonly isAnswered?: boolean;
  readonly recordCount: number;
  /** All, or where there are many those around what matters. */
  readonly records: readonly HistoryRecord[];
  readonly steps: HistorySteps | null;
  /** What a reader must know of the steps, or why there are none. */
  readonly notes: readonly string[];
}

export interface HistorySteps {
  /** After how many records; 0 is the page that was pushed. */
  readonly counts: readonly number[];
  /** Position of each step's page in the steps file; null where that side gave none. */
  readonly bundle: readonly (number | null)[];
  /** The same for the other side; null as a whole where there is none. */
  readonly other: readonly (number | null)[] | null;
  readonly otherName: string | null;
  /** The first count after which the sides differ. */
  readonly parting: number | null;
}

const shownRecords = 400;

/** The records that a history shows: all, or the first ones, the last ones and those around the parting. */
export function chosenRecords(count: number, parting: number | undefined): readonly number[] {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  if (count <= shownRecords) return numbers;
  const third = Math.floor(shownRecords / 3);
  return numbers.filter(
    (number) =>
      number <= third ||
      number > count - third ||
      (parting !== undefined && Math.abs(number - parting) <= third / 2),
  );
}
