import { test } from '@japa/runner';

import {
  comparePageKeys,
  forkName,
  formatPageKey,
  isJudgedFork,
  samePage,
  type PageKey,
} from '../../harness/redo/page-key.ts';

const key: PageKey = { spcOid: 1663, dbOid: 5, relNumber: 16_385, forkNumber: 0, blockNumber: 12 };
const fields = ['spcOid', 'dbOid', 'relNumber', 'forkNumber', 'blockNumber'] as const;

test.group('page keys', () => {
  test('are written as pg_waldump writes them', ({ assert }) => {
    assert.equal(formatPageKey(key), '1663/5/16385 main block 12');
    assert.equal(formatPageKey({ ...key, forkNumber: 2 }), '1663/5/16385 vm block 12');
    assert.deepEqual([0, 1, 2, 3, 4].map(forkName), ['main', 'fsm', 'vm', 'init', 'fork 4']);
  });

  test('are the same only in all five parts', ({ assert }) => {
    assert.isTrue(samePage(key, { ...key }));
    for (const field of fields) assert.isFalse(samePage(key, { ...key, [field]: key[field] + 1 }), field);
  });

  test('are ordered by tablespace, database, relation, fork, block', ({ assert }) => {
    assert.equal(comparePageKeys(key, { ...key }), 0);
    for (const [position, field] of fields.entries()) {
      const higher = { ...key, [field]: key[field] + 1 };
      const lowerBehind = fields.slice(position + 1).map((name) => [name, 0]);
      const other: PageKey = { ...higher, ...Object.fromEntries(lowerBehind) };
      assert.isBelow(comparePageKeys(key, other), 0, field);
      assert.isAbove(comparePageKeys(other, key), 0, field);
    }
  });

  test('judged are main and init forks', ({ assert }) => {
    assert.deepEqual([0, 1, 2, 3, 4].map(isJudgedFork), [true, false, false, true, false]);
  });
});
