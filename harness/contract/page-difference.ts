import { walredoPageSizeBytes } from '../redo/replay/message.ts';
import type { Tape } from '../redo/tape/tape.ts';

/** Where one output of walredo is first unlike another. */
export interface OutputDifference {
  readonly pages: number;
  readonly pagesDiffering: number;
  /** Request number and byte of the first difference. */
  readonly request: number;
  readonly offset: number;
  readonly expected: number;
  readonly actual: number;
}

/** Compares the whole pages that both outputs have; undefined when none differs. */
export function compareOutputs(expected: Buffer, actual: Buffer): OutputDifference | undefined {
  const pages = Math.floor(Math.min(expected.length, actual.length) / walredoPageSizeBytes);
  const differing: number[] = [];
  for (let page = 0; page < pages; page++) {
    const [start, end] = [page * walredoPageSizeBytes, (page + 1) * walredoPageSizeBytes];
    if (expected.compare(actual, start, end, start, end) !== 0) differing.push(page);
  }
  const [request] = differing;
  if (request === undefined) return undefined;
  let at = request * walredoPageSizeBytes;
  while (expected[at] === actual[at]) at++;
  return {
    pages,
    pagesDiffering: differing.length,
    request,
    offset: at % walredoPageSizeBytes,
    expected: expected.readUInt8(at),
    actual: actual.readUInt8(at),
  };
}

/** `3 of 64 pages differ, the first of request 4 (public.words main block 3) at byte 12: 00 expected, 01 found`. */
export function describeDifference(difference: OutputDifference, tape: Tape): string {
  const { pages, pagesDiffering, request, offset, expected, actual } = difference;
  const key = tape.index.at(request).key;
  return (
    `${String(pagesDiffering)} of ${String(pages)} pages differ, the first of request ${String(request)} (${tape.nameOf(key)})` +
    ` at byte ${String(offset)}: ${hex(expected)} expected, ${hex(actual)} found`
  );
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
