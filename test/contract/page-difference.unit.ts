import { test } from '@japa/runner';

import { compareOutputs, describeDifference } from '../../harness/contract/page-difference.ts';
import { keptTape } from './support/subject.ts';

const pageBytes = 8192;

test.group('compareOutputs', () => {
  test('finds the first byte of the first page that differs, and counts the pages', ({ assert }) => {
    const expected = Buffer.alloc(3 * pageBytes, 7);
    const actual = Buffer.from(expected);
    assert.isUndefined(compareOutputs(expected, actual));
    actual[pageBytes + 12] = 0xff;
    actual[2 * pageBytes] = 1;
    const difference = compareOutputs(expected, actual);
    assert.deepEqual(difference, {
      pages: 3,
      pagesDiffering: 2,
      request: 1,
      offset: 12,
      expected: 7,
      actual: 0xff,
    });
    if (difference === undefined) return;
    assert.match(
      describeDifference(difference, keptTape(17).tape),
      /^2 of 3 pages differ, the first of request 1 \(.+ block \d+\) at byte 12: 07 expected, ff found$/,
    );
  });

  test('compares the whole pages that both have', ({ assert }) => {
    const expected = Buffer.alloc(2 * pageBytes, 7);
    assert.isUndefined(compareOutputs(expected, expected.subarray(0, pageBytes + 5)));
    assert.isUndefined(compareOutputs(Buffer.alloc(0), expected));
    const last = Buffer.from(expected);
    last[2 * pageBytes - 1] = 8;
    assert.equal(compareOutputs(expected, last)?.offset, pageBytes - 1);
  });
});
