import { test } from '@japa/runner';

import { PageSet } from '../../../harness/redo/page-set.ts';
import { verifyUntouchedPages } from '../../../harness/redo/lineage/untouched-pages.ts';
import { thrownBy } from '../../support/thrown.ts';
import { keyOf, markedPage, MemoryPages } from '../tiny-tape.ts';

const page = markedPage(1);
const zeros = Buffer.alloc(8192);
const nothingRequested = new PageSet();
const neverRemoved = (): boolean => false;
const alwaysRemoved = (): boolean => true;

test.group('verifyUntouchedPages', () => {
  test('accepts pages as in the base, zeros behind it, and leaves the others to their requests', ({
    assert,
  }) => {
    const base = new MemoryPages([keyOf(0), page], [keyOf(1), page]);
    const oracle = new MemoryPages([keyOf(0), page], [keyOf(1), markedPage(9)], [keyOf(2), zeros]);
    const requested = new PageSet();
    requested.add(keyOf(1));
    assert.equal(verifyUntouchedPages(base, oracle, requested, neverRemoved), 2);
  });

  test('does not look at the free space map, which recovery writes outside of the WAL', ({ assert }) => {
    const oracle = new MemoryPages([keyOf(0, 1), page]);
    assert.equal(verifyUntouchedPages(new MemoryPages(), oracle, nothingRequested, neverRemoved), 0);
  });

  test('names the first page that nothing explains', ({ assert }) => {
    const changed = Buffer.from(page);
    changed[100] = 0;
    for (const [base, oracle] of [
      [new MemoryPages([keyOf(3), page]), changed],
      [new MemoryPages([keyOf(3), page]), zeros],
      [new MemoryPages(), page],
    ] as const) {
      const actual = new MemoryPages([keyOf(3), oracle]);
      const requested = new PageSet();
      for (const block of [0, 1, 2]) requested.add(keyOf(block));
      const error = thrownBy(() => verifyUntouchedPages(base, actual, requested, neverRemoved));
      assert.equal(error.code, 'oracle-unexplained');
      assert.match(error.message, /main block 3/);
    }
  });

  test('expects zeros where the page was removed and came back', ({ assert }) => {
    const base = new MemoryPages([keyOf(0), page]);
    assert.equal(
      verifyUntouchedPages(base, new MemoryPages([keyOf(0), zeros]), nothingRequested, alwaysRemoved),
      1,
    );
    const stale = thrownBy(() => verifyUntouchedPages(base, base, nothingRequested, alwaysRemoved));
    assert.equal(stale.code, 'oracle-unexplained');
  });
});
