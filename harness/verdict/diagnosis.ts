import type { FindingCode } from './finding-code.ts';
import type { MapImage } from './map-image.ts';

/** What is known of a page that is not what it must be; LSNs as byte positions, pages 8192 bytes. */
export interface Symptoms {
  readonly expected: Buffer;
  readonly actual: Buffer;
  readonly expectedLsn: number;
  readonly actualLsn: number;
  readonly lsnOnly: boolean;
  /** Whether it is a page of the visibility map. */
  readonly isVisibilityMap: boolean;
  /** The record that brought the page of the map as an image, in passing. */
  readonly mapImage: MapImage | undefined;
  /** What the request before this one had to answer, when the same process was asked. */
  readonly previousExpected: Buffer | undefined;
  /** End LSNs of the request's records, in order. */
  readonly recordEndLsns: readonly number[];
  readonly baseLsn: number | undefined;
}

export interface Diagnosis {
  readonly code: FindingCode;
  /** Completes "the page ...". */
  readonly words: string;
}

/** Names the likeliest reason why a page differs, from the page itself and its neighbours. */
export function diagnose(symptoms: Symptoms, formatLsn: (lsn: number) => string): Diagnosis {
  const { actual, expected, previousExpected, actualLsn, expectedLsn } = symptoms;
  if (actual.every((byte) => byte === 0)) {
    return {
      code: 'page-zero',
      words: 'came back as zeros: redo skipped every record, or the page was never made',
    };
  }
  if (previousExpected?.equals(actual) === true) {
    return { code: 'page-previous-answer', words: "is the previous request's page: the answer is stale" };
  }
  if (symptoms.lsnOnly) {
    return {
      code: 'page-lsn',
      words: `has the wrong page LSN: ${formatLsn(actualLsn)} instead of ${formatLsn(expectedLsn)}, all other bytes are right`,
    };
  }
  const mapWords = symptoms.isVisibilityMap ? describeMapBits(symptoms, formatLsn) : undefined;
  if (mapWords !== undefined) return { code: 'page-map-bits', words: mapWords };
  const applied = appliedUpTo(symptoms);
  if (actualLsn < expectedLsn && applied !== undefined) {
    const missing = symptoms.recordEndLsns.length - applied;
    const noun = missing === 1 ? 'record was' : 'records were';
    return {
      code: 'page-records-missing',
      words: `stops at ${formatLsn(actualLsn)}: the last ${String(missing)} ${noun} not applied`,
    };
  }
  const sameLsn = actual.subarray(0, 8).equals(expected.subarray(0, 8));
  return {
    code: 'page-content',
    words: sameLsn
      ? 'has the right page LSN but other contents: a record was applied wrongly or not at all, or bytes changed afterwards'
      : `has other contents and page LSN ${formatLsn(actualLsn)} instead of ${formatLsn(expectedLsn)}`,
  };
}

/** Behind the page header (storage/bufpage.h, all majors). */
const firstMapByte = 24;

/** Which bits of the visibility map are wrong, and what that does; undefined when none is. */
function describeMapBits(
  { expected, actual, mapImage }: Symptoms,
  formatLsn: (lsn: number) => string,
): string | undefined {
  let set = 0;
  let clear = 0;
  for (let at = firstMapByte; at < expected.length; at++) {
    const [wanted, found] = [expected[at] ?? 0, actual[at] ?? 0];
    set += countBits(found & ~wanted);
    clear += countBits(wanted & ~found);
  }
  const words = [
    ...(set === 0
      ? []
      : [`${bits(set)} set that must be clear: index-only scans and vacuum pass over what changed`]),
    ...(clear === 0
      ? []
      : [
          `${bits(clear)} clear that must be set: vacuum and index-only scans visit again what they need not`,
        ]),
  ];
  if (words.length === 0) return undefined;
  const reason =
    clear === 0 || mapImage === undefined
      ? ''
      : `; the ${mapImage.record} record that ends at ${formatLsn(mapImage.endLsn)} brings the page as an image, which redo of minors that name no map page in such records passes over`;
  return `has ${words.join('; and ')}${reason}`;
}

function bits(count: number): string {
  return `${String(count)} bit${count === 1 ? '' : 's'}`;
}

function countBits(byte: number): number {
  let count = 0;
  for (let rest = byte; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** How many records had been applied when the page had the LSN that it has; undefined if it never had it. */
function appliedUpTo({ actualLsn, baseLsn, recordEndLsns }: Symptoms): number | undefined {
  if (actualLsn === baseLsn) return 0;
  const last = recordEndLsns.lastIndexOf(actualLsn);
  return last === -1 ? undefined : last + 1;
}
