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
  readonly expected: Buffer;
}

/** The one record on the page as it was before it. */
export function reproduceRecord({ title, major, key, before, record, expected }: WrongRecord): Reproduction {
  return { title, major, requests: singleRecordRequest(key, before, record), pages: expected };
}

/**
 * What shows a bad page again, out of its evidence: the first wrong record alone where the history knows the page before it,
 * else all records. Throws RedoubtError `walredo-message-invalid` when the evidence is damaged.
 */
export function reproducePage(page: PageWithHistory, requests: Buffer): Reproduction {
  const { history, expected } = page;
  const { major, name } = history;
  const number = history.steps?.parting ?? undefined;
  const records = readRequestRecords(requests).records;
  const record = number === undefined ? undefined : records[number - 1];
  const steps = stepsOf(page);
  const after = steps.find(({ count }) => count === number)?.other;
  const before = number === undefined ? undefined : steps.find(({ count }) => count === number - 1)?.other;
  const { base } = readRequestRecords(prefixRequest(requests, 0));
  const isMade = number === 1 && base === undefined;
  if (number === undefined || record === undefined || after === undefined || !(before ?? isMade)) {
    return { title: `${name}: all its ${String(records.length)} records`, major, requests, pages: expected };
  }
  const words = history.records.find((each) => each.number === number);
  const title = `${name}: record ${String(number)} of ${String(records.length)}, ${words?.rmgr ?? ''} ${words?.kind ?? ''}, ends at ${words?.endLsn ?? ''}`;
  const { message } = readMessage(requests, 0);
  if (message.kind !== 'begin') return { title, major, requests, pages: expected };
  return reproduceRecord({ title, major, key: message.key, before, record, expected: after });
}
