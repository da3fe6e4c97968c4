import type { Verdict } from '../../verdict/judge.ts';
import type { Report } from '../report.ts';
import type { CodeMeaning } from './code-meanings.ts';

/*
 * What lies in an HTML report for its scripts to read. `overview` is there at once; everything else is compressed, and
 * unpacked when it is looked at.
 */

/** Ids of the elements that hold the data. */
export const elementIds = {
  overview: 'data-overview',
  details: 'data-details',
  page: (number: number): string => `data-page-${String(number)}`,
} as const;

/** What became of a cell: all checks passed, some failed, some were not judged; ` ` where the run has no such cell. */
export type CellMark = 'p' | 'f' | 'n' | ' ';

export interface MatrixColumn {
  /** The major, and its compute image in a run that has several: `PostgreSQL 17, npm:17.10`. */
  readonly server: string;
  /** The suite, and the workload in a run that has several. */
  readonly suite: string;
}

/** The cells of a run as a table; `marks` row by row, one letter a cell. */
export interface Matrix {
  readonly rows: readonly string[];
  readonly columns: readonly MatrixColumn[];
  readonly marks: string;
  /** Which cell of the report stands at a place of `marks`; -1 for none. */
  readonly cells: readonly number[];
  /** How many findings a cell has, for those that have some. */
  readonly findings: Readonly<Record<number, number>>;
  /** How many of a cell's checks failed, of how many, for those in which some did. */
  readonly failed: Readonly<Record<number, readonly [failed: number, checks: number]>>;
}

/** Findings that have one cause, as far as can be seen: of one code and, where it is known, one kind of record. */
export interface Suspect {
  readonly code: string;
  /** `Heap INSERT`: after such a record the page is wrong for the first time; null where that is not known. */
  readonly record: string | null;
  readonly count: number;
  /** The first of them, its number among the report's findings, and what it says. */
  readonly first: number;
  readonly check: string;
  readonly message: string;
  readonly page: SuspectPage | null;
  /** What its check noted besides. */
  readonly notes: readonly string[];
}

export interface SuspectPage {
  readonly name: string;
  readonly field: string;
  readonly offset: number;
  readonly expected: string;
  readonly actual: string;
  /** As in `record 3 of 7, which ends at 0/1A2B3C`. */
  readonly record: string | null;
  /** Whether the page can be explored in this report. */
  readonly hasHistory: boolean;
}

export interface Overview {
  readonly verdict: Verdict;
  readonly matrix: Matrix;
  readonly suspects: readonly Suspect[];
}

/** When a check ran, in milliseconds since the run began. */
export interface CheckTime {
  readonly check: string;
  readonly startMs: number;
  readonly durationMs: number;
}

export interface Details {
  readonly report: Report;
  readonly times: readonly CheckTime[];
  /** Element that holds the history of a finding's page, by the folder of its evidence. */
  readonly histories: Readonly<Record<string, string>>;
  /** What the codes of the findings mean. */
  readonly meanings: Readonly<Record<string, CodeMeaning>>;
}
