import { test } from '@japa/runner';

import { lineageOf, survivors } from '../../../harness/redo/lineage/lineage.ts';
import type { SpilledRecord } from '../../../harness/redo/lineage/lineage-spill.ts';
import { thrownBy } from '../../support/thrown.ts';
import { keyOf, markedPage } from '../tiny-tape.ts';

const base = markedPage(1);

/** Records that end at the given LSNs; those in `initialising` make the page anew. */
function records(endLsns: readonly number[], initialising: readonly number[] = []): readonly SpilledRecord[] {
  return endLsns.map((endLsn) => ({
    forkId: 0,
    blockNumber: 0,
    role: initialising.includes(endLsn) ? 'initialising' : 'record',
    endLsn,
    recordOffset: endLsn,
    recordBytes: 8,
  }));
}

function cut(all: readonly SpilledRecord[], removal = 0, page: Buffer | undefined = base, fork = 0): unknown {
  const alive = survivors(all, removal);
  if (alive.length === 0) return undefined;
  const lineage = lineageOf(keyOf(0, fork), alive, () => (removal === 0 ? page : undefined));
  return [lineage.origin, lineage.base === page, lineage.records.map(({ endLsn }) => endLsn)];
}

function never(): never {
  throw new Error('the base was read');
}

test.group('lineageOf', () => {
  test('starts from the base', ({ assert }) => {
    assert.deepEqual(cut(records([10, 20, 30])), ['base', true, [10, 20, 30]]);
  });

  test('starts anew at the last record that initialises, and then needs no base', ({ assert }) => {
    assert.deepEqual(cut(records([10, 20, 30], [10])), ['initialised', false, [10, 20, 30]]);
    assert.deepEqual(cut(records([10, 20, 30, 40], [10, 30])), ['initialised', false, [30, 40]]);
    assert.deepEqual(cut(records([10, 20], [20])), ['initialised', false, [20]]);
    assert.equal(lineageOf(keyOf(0), records([10], [10]), never).origin, 'initialised');
  });

  test('leaves out what came before the page was removed', ({ assert }) => {
    assert.isUndefined(cut(records([10, 20]), 20));
    assert.isUndefined(cut(records([10, 20], [10]), 25));
    assert.deepEqual(cut(records([10, 20, 30], [20]), 15), ['initialised', false, [20, 30]]);
    assert.deepEqual(cut(records([10, 20, 30], [10, 20]), 10), ['initialised', false, [20, 30]]);
  });

  test('takes no base from before the removal', ({ assert }) => {
    const error = thrownBy(() => cut(records([10, 30]), 20));
    assert.equal(error.code, 'lineage-without-base');
    assert.match(error.message, /1663\/5\/16385 main block 0: the record that ends at 0\/1E/);
    assert.equal(thrownBy(() => cut(records([10, 20, 30], [10]), 15)).code, 'lineage-without-base');
  });

  test('starts from zeros only where redo makes the page without saying so', ({ assert }) => {
    const lineage = lineageOf(keyOf(0, 1), records([10]), () => undefined);
    assert.deepEqual([lineage.origin, lineage.base], ['zero', undefined]);
    for (const fork of [0, 3]) {
      const error = thrownBy(() => lineageOf(keyOf(0, fork), records([10]), () => undefined));
      assert.equal(error.code, 'lineage-without-base');
    }
    assert.deepEqual(cut(records([10, 30]), 20, base, 1), ['zero', false, [30]]);
    assert.deepEqual(cut(records([10, 30]), 0, base, 1), ['base', true, [10, 30]]);
  });
});
