import { RedoubtError } from '../error.ts';
import { pageSizeBytes } from './page-bytes.ts';

/** Equal stretches are passed over in pieces of this many bytes. */
const chunkSizeBytes = 32 * pageSizeBytes;

/**
 * Compares two sets of pages of equal size byte for byte, nothing masked, at the speed of memcmp; calls `onDifference`
 * with the index of each page that differs, in order, and returns how many. Throws `page-set-size-invalid`.
 */
export function comparePages(
  expected: Buffer,
  actual: Buffer,
  onDifference: (pageIndex: number) => void,
): number {
  if (expected.length !== actual.length || expected.length % pageSizeBytes !== 0) {
    throw new RedoubtError(
      'infrastructure',
      'page-set-size-invalid',
      `${expected.length} and ${actual.length} bytes are not two sets of as many ${pageSizeBytes}-byte pages`,
      { details: { expectedBytes: expected.length, actualBytes: actual.length } },
    );
  }
  let differences = 0;
  for (let start = 0; start < expected.length; start += chunkSizeBytes) {
    const end = Math.min(start + chunkSizeBytes, expected.length);
    if (expected.compare(actual, start, end, start, end) === 0) {
      continue;
    }
    for (let at = start; at < end; at += pageSizeBytes) {
      if (expected.compare(actual, at, at + pageSizeBytes, at, at + pageSizeBytes) !== 0) {
        differences++;
        onDifference(at / pageSizeBytes);
      }
    }
  }
  return differences;
}
