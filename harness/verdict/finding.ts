import type { DriftEvidence } from './drift-evidence.ts';
import type { FindingCode } from './finding-code.ts';

/** Where bytes differ, by PostgreSQL's own name of the field; bytes as hex. */
export interface DifferingField {
  readonly offset: number;
  readonly length: number;
  readonly field: string;
  readonly expected: string;
  readonly actual: string;
}

/** A record that touched a page, as pg_waldump would name it. */
export interface TouchingRecord {
  readonly endLsn: string;
  readonly rmgr: string;
  readonly kind: string;
}

/** The first record after which a page differs from the other side's; `number` counts from 1. */
export interface PartingRecord extends TouchingRecord {
  readonly number: number;
}

/** Instead of a class of difference: the bundle gave no page. */
export const unansweredClass = 'unanswered';

/** A page that is not what it must be, with what is needed to check it by hand. */
export interface PageEvidence {
  readonly relation: string;
  readonly page: string;
  readonly kind: string;
  readonly tape: string;
  readonly request: number;
  readonly origin: string;
  readonly firstLsn: string;
  readonly lastLsn: string;
  /** A DifferenceClass, or `unanswered`. */
  readonly differenceClass: string;
  readonly bytesDiffering: number;
  readonly fields: readonly DifferingField[];
  readonly recordCount: number;
  /** The first and the last ones when there are many. */
  readonly records: readonly TouchingRecord[];
  /** Where the page's steps part from another bundle's; absent where that is not known. */
  readonly parting?: PartingRecord;
  /** Folder with `requests`, `expected.page`, and `actual.page` if there is one, relative to the report. */
  readonly files: string | null;
}

/** One thing that is wrong with the bundle, in words and with evidence. */
export interface Finding {
  readonly code: FindingCode;
  readonly message: string;
  readonly page?: PageEvidence;
  readonly drift?: DriftEvidence;
  readonly details?: Readonly<Record<string, string | number | readonly string[]>>;
}
