import { describeRanges } from '../page/describe-difference.ts';
import { diffPages } from '../page/diff.ts';
import type { KeyColumn } from '../page/key/key-column.ts';
import type { PageKind } from '../page/kind.ts';
import { readMessage } from '../redo/replay/message.ts';
import type { PageKey } from '../redo/page-key.ts';
import { prefixRequest } from '../redo/request/prefix-request.ts';
import type { Reproduction } from '../redo/request/reproduction.ts';
import { readRequestRecords } from '../redo/request/request-records.ts';
import { singleRecordRequest } from '../redo/request/single-record.ts';
import { type PageWithHistory, stepsOf } from './history-steps.ts';

/** The first wrong record of a page, with the page before and after it on the sound side. */
export interface WrongRecord {
  readonly title: string;
  readonly major: number;
  readonly key: PageKey;
  /** Undefined when the record makes the page. */
  readonly before: Buffer | undefined;
  readonly record: { readonly endLsn: number; readonly bytes: Buffer };
  readonly kind: PageKind;
  /** Of an index, where they are known. */
  readonly columns: readonly KeyColumn[] | undefined;
  readonly expected: Buffer;
  /** Undefined when the bundle gives no page. */
  readonly actual: Buffer | undefined;
}

const shownRanges = 4;
const shownDigits = 32;
const shownValue = 40;

/** The one record on the page as it was before it. */
export function reproduceRecord(wrong: WrongRecord): Reproduction {
  const { title, major, key, before, record, kind, columns, expected, actual } = wrong;
  return {
    title,
    major,
    requests: singleRecordRequest(key, before, record),
    pages: expected,
    found: actual,
    differences: differences(kind, columns, expected, actual),
  };
}

function differences(
  kind: PageKind,
  columns: readonly KeyColumn[] | undefined,
  expected: Buffer,
  actual: Buffer | undefined,
): readonly string[] {
  if (actual === undefined) return ['the bundle gave no page'];
  const difference = diffPages(expected, actual, kind, shownRanges);
  const more = difference.rangesTotal - difference.ranges.length;
  return [
    ...describeRanges(expected, actual, kind, difference, columns).map(
      (range) =>
        `byte ${String(range.offset)}: ${range.field}: ${withValue(range.expected, range.expectedValue)} expected, ${withValue(range.actual, range.actualValue)} found`,
    ),
    ...(more === 0 ? [] : [`... ${String(more)} more places`]),
  ];
}

function withValue(bytes: string, value: string | null): string {
  const shown = bytes.length <= shownDigits ? bytes : `${bytes.slice(0, shownDigits)}..`;
  return value === null || value.length > shownValue ? shown : `${shown} (${value})`;
}

/**
 * What shows a bad page again, out of its evidence: the first wrong record alone where the history knows the page before it,
 * else all records. Throws RedoubtError `walredo-message-invalid` when the evidence is damaged.
 */
export function reproducePage(page: PageWithHistory, requests: Buffer): Reproduction {
  const { history, expected, actual } = page;
  const { major, name } = history;
  const kind = history.kind as PageKind;
  const number = history.steps?.parting ?? undefined;
  const records = readRequestRecords(requests).records;
  const record = number === undefined ? undefined : records[number - 1];
  const steps = stepsOf(page);
  const parted = steps.find(({ count }) => count === number);
  const before = number === undefined ? undefined : steps.find(({ count }) => count === number - 1)?.other;
  const { base } = readRequestRecords(prefixRequest(requests, 0));
  const first = readMessage(requests, 0).message;
  const isMade = number === 1 && base === undefined;
  const isKnown = record !== undefined && parted?.other !== undefined && (before !== undefined || isMade);
  if (!isKnown || first.kind !== 'begin') {
    return {
      title: `${name}: all its ${String(records.length)} records`,
      major,
      requests,
      pages: expected,
      found: actual,
      differences: differences(kind, history.columns, expected, actual),
    };
  }
  const words = history.records.find((each) => each.number === number);
  const title = `${name}: record ${String(number)} of ${String(records.length)}, ${words?.rmgr ?? ''} ${words?.kind ?? ''}, ends at ${words?.endLsn ?? ''}`;
  return reproduceRecord({
    title,
    major,
    key: first.key,
    before,
    record,
    kind,
    columns: history.columns,
    expected: parted.other,
    actual: parted.bundle,
  });
}
