import { join } from 'node:path';

import type { Bundle } from '../../bundle/open.ts';
import type { Host } from '../../host/engine.ts';
import type { Progress } from '../../host/progress.ts';
import { comparePages } from '../../page/compare.ts';
import { Answers, compareAnswers } from '../../redo/tape/answers.ts';
import { explainRecord, type ExplainedRecord } from '../../redo/request/explain-record.ts';
import { stepPages } from '../../redo/request/page-steps.ts';
import { prefixRequest } from '../../redo/request/prefix-request.ts';
import { readRequestRecords } from '../../redo/request/request-records.ts';
import type { Tape } from '../../redo/tape/tape.ts';
import type { TapeRequest } from '../../redo/tape/tape-index.ts';
import { excuseOf } from '../../verdict/page-excuse.ts';
import { pageAnswers } from './page-answers.ts';
import { replayTape } from './replay-tape.ts';

/** The bundle in doubt, and one whose pages are right. */
export interface BisectSides {
  readonly bundle: Bundle;
  readonly sound: Bundle;
  readonly host: Host;
  readonly answerTimeoutMs: number;
}

/** The first record that a bundle applies wrongly, and the page on which it does. */
export interface FirstBadRecord {
  readonly request: TapeRequest;
  /** Position among the request's records, from 1. */
  readonly number: number;
  readonly record: ExplainedRecord;
  /** What the page was before it on the sound side; undefined when the record makes it. */
  readonly before: Buffer | undefined;
  /** After it, on both sides; the bundle may give none. */
  readonly expected: Buffer;
  readonly actual: Buffer | undefined;
}

export interface Bisection {
  readonly requests: number;
  /** Requests whose answer is not what it must be, or is missing. */
  readonly bad: readonly number[];
  /** Requests whose page is another one before any record: the bundle gives back what was not pushed. */
  readonly badFromStart: readonly number[];
  /** Undefined when no page is bad, or when in none of them the sides part after a record. */
  readonly first: FirstBadRecord | undefined;
}

/**
 * Replays a tape, takes the pages that are wrong, and finds the first record, by its end LSN, after which one of them
 * parts from the sound bundle's. Pages are wrong that are not the tape's oracle; where it judges none, those that are not
 * the sound bundle's. Throws what replaying throws.
 */
export async function bisectTape(
  tape: Tape,
  requests: readonly TapeRequest[],
  sides: BisectSides,
  directory: string,
  progress: Progress,
): Promise<Bisection> {
  const bad = await badRequests(tape, sides, directory, progress);
  const chosen = new Set(requests.map(({ number }) => number));
  const suspects = bad
    .filter((number) => chosen.has(number))
    .map((number) => tape.index.at(number))
    .toSorted((left, right) => left.firstLsn - right.firstLsn);
  const badFromStart: number[] = [];
  let first: (FirstBadRecord & { readonly endLsn: number }) | undefined;
  for (const [position, request] of suspects.entries()) {
    // Its records are all younger than what was found.
    if (first !== undefined && request.firstLsn >= first.endLsn) break;
    progress('bisecting', `page ${String(position + 1)} of ${String(suspects.length)}`);
    const found = await firstBadOf(tape, request, sides);
    if (found === 'from the start') badFromStart.push(request.number);
    else if (found !== undefined && (first === undefined || found.endLsn < first.endLsn)) first = found;
  }
  return {
    requests: requests.length,
    bad: suspects.map(({ number }) => number).toSorted(ascending),
    badFromStart: badFromStart.toSorted(ascending),
    first,
  };
}

function ascending(left: number, right: number): number {
  return left - right;
}

async function badRequests(
  tape: Tape,
  { bundle, sound, host, answerTimeoutMs }: BisectSides,
  directory: string,
  progress: Progress,
): Promise<readonly number[]> {
  progress('replaying', `${String(tape.index.length)} pages`);
  const own = await replayTape(tape, bundle, host, join(directory, 'bundle'), { answerTimeoutMs });
  const byOracle = tape.manifest.counts.judged > 0;
  const standard = byOracle
    ? [{ firstRequest: 0, pages: tape.index.length, path: tape.oraclePath }]
    : (await replayTape(tape, sound, host, join(directory, 'sound'), { answerTimeoutMs })).runs;
  using expected = new Answers(standard);
  using actual = new Answers(own.runs);
  const wanted = (number: number): boolean => !byOracle || tape.index.oracle(number) !== 'none';
  const { different, missing } = compareAnswers(expected, actual, tape.index.length, wanted, comparePages);
  const inexcusable = different.filter((number) => {
    const [left, right] = [expected.page(number), actual.page(number)];
    const excusing = { byTape: byOracle, isSkewed: false };
    return !(left && right && excuseOf(tape, tape.index.at(number), left, right, excusing));
  });
  return [...inexcusable, ...missing];
}

async function firstBadOf(
  tape: Tape,
  request: TapeRequest,
  { bundle, sound, host, answerTimeoutMs }: BisectSides,
): Promise<(FirstBadRecord & { readonly endLsn: number }) | 'from the start' | undefined> {
  const { major } = tape.manifest;
  const bytes = tape.readRequest(request);
  const ask = pageAnswers({ bundle, major, host, answerTimeoutMs });
  const askSound = pageAnswers({ bundle: sound, major, host, answerTimeoutMs });
  const { base, records } = readRequestRecords(bytes);
  const { parting: number } = await stepPages(bytes, ask, askSound);
  if (number === 0) return 'from the start';
  const record = number === undefined ? undefined : records[number - 1];
  if (number === undefined || record === undefined) return undefined;
  const after = prefixRequest(bytes, number);
  const [actual] = await ask([after]);
  const [expected, before] = await askSound(
    number === 1 ? [after] : [after, prefixRequest(bytes, number - 1)],
  );
  // A sound side that does not answer either leaves nothing to say.
  if (expected === undefined) return undefined;
  return {
    request,
    number,
    record: explainRecord(major, request.key, record.bytes, record.endLsn),
    endLsn: record.endLsn,
    before: number === 1 ? base : before,
    expected,
    actual,
  };
}
