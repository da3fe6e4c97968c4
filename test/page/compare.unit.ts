import { test } from '@japa/runner';

import { comparePages } from '../../harness/page/compare.ts';
import { thrownBy } from '../support/thrown.ts';

function differing(expected: Buffer, actual: Buffer): readonly number[] {
  const found: number[] = [];
  const count = comparePages(expected, actual, (page) => found.push(page));
  return count === found.length ? found : [-1];
}

test.group('comparePages', () => {
  test('finds nothing in equal sets', ({ assert }) => {
    assert.deepEqual(differing(Buffer.alloc(0), Buffer.alloc(0)), []);
    assert.deepEqual(differing(Buffer.alloc(100 * 8192, 3), Buffer.alloc(100 * 8192, 3)), []);
  });

  test('finds a single bit in the first and last byte of every page', ({ assert }) => {
    const pages = 70;
    const expected = Buffer.alloc(pages * 8192, 3);
    const actual = Buffer.from(expected);
    for (let page = 0; page < pages; page++) {
      for (const at of [page * 8192, page * 8192 + 8191]) {
        actual[at]! ^= 0x80;
        assert.deepEqual(differing(expected, actual), [page]);
        actual[at]! ^= 0x80;
      }
    }
  });

  test('finds several in order', ({ assert }) => {
    const expected = Buffer.alloc(70 * 8192);
    const actual = Buffer.from(expected);
    for (const page of [69, 0, 31, 32, 33]) actual[page * 8192 + 5] = 1;
    assert.deepEqual(differing(expected, actual), [0, 31, 32, 33, 69]);
    assert.lengthOf(differing(expected, Buffer.alloc(70 * 8192, 1)), 70);
  });

  test('refuses sets that are not as large, or no whole pages', ({ assert }) => {
    for (const [one, two] of [
      [8192, 16_384],
      [100, 100],
      [8192, 8191],
    ] as const) {
      const compare = (): unknown => differing(Buffer.alloc(one), Buffer.alloc(two));
      assert.equal(thrownBy(compare).code, 'page-set-size-invalid');
    }
  });
});
