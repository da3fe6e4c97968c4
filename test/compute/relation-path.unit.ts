import { test } from '@japa/runner';

import { RelationPaths } from '../../harness/compute/relation-path.ts';

const paths = new RelationPaths(17, 202_406_281);
const fork = { spcOid: 1663, dbOid: 5, relNumber: 16_384, forkNumber: 0 };

test.group('RelationPaths', () => {
  test('a fork has a file for each GiB, where its tablespace and database are', ({ assert }) => {
    assert.equal(paths.segment(fork, 0), 'base/5/16384');
    assert.equal(paths.segment({ ...fork, forkNumber: 1 }, 0), 'base/5/16384_fsm');
    assert.equal(paths.segment({ ...fork, forkNumber: 2 }, 3), 'base/5/16384_vm.3');
    assert.equal(paths.segment({ ...fork, forkNumber: 3 }, 0), 'base/5/16384_init');
    assert.equal(paths.segment({ ...fork, spcOid: 1664, dbOid: 0, relNumber: 1260 }, 0), 'global/1260');
    assert.equal(paths.segment({ ...fork, spcOid: 20_000 }, 1), 'pg_tblspc/20000/PG_17_202406281/5/16384.1');
  });
});
