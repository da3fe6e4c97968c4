import { test } from '@japa/runner';

import { ForkTable } from '../../../harness/redo/pageserver/fork-table.ts';
import { thrownBy } from '../../support/thrown.ts';

const fork = { spcOid: 1663, dbOid: 5, relNumber: 16_385, forkNumber: 0 };

test.group('ForkTable', () => {
  test('gives each fork a number of its own, the same again when it comes again', ({ assert }) => {
    const table = new ForkTable();
    const forks = [
      fork,
      { ...fork, forkNumber: 2 },
      { ...fork, dbOid: 6 },
      { ...fork, spcOid: 1664 },
      { ...fork, relNumber: 16_386 },
    ];
    const ids = forks.map((each) => table.idOf(each));
    assert.deepEqual(ids, [0, 1, 2, 3, 4]);
    assert.deepEqual(
      forks.map((each) => table.idOf({ ...each })),
      ids,
    );
    for (const [id, each] of forks.entries()) {
      assert.deepEqual(table.keyOf(id, 9), { ...each, blockNumber: 9 });
    }
  });

  test('knows no number that it did not give', ({ assert }) => {
    assert.equal(thrownBy(() => new ForkTable().keyOf(0, 0)).code, 'fork-unknown');
  });
});
