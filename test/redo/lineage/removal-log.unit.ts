import { test } from '@japa/runner';

import { RemovalLog } from '../../../harness/redo/lineage/removal-log.ts';
import { keyOf } from '../tiny-tape.ts';

const { spcOid, dbOid, relNumber } = keyOf(0);
const relation = { spcOid, dbOid, relNumber };

test.group('RemovalLog', () => {
  test('knows nothing of pages that nobody removed', ({ assert }) => {
    const log = new RemovalLog();
    log.dropRelation({ ...relation, relNumber: 1 }, 100);
    log.dropDatabase(spcOid, dbOid + 1, 100);
    log.dropDatabase(spcOid + 1, dbOid, 100);
    log.truncate({ ...relation, dbOid: 1 }, 0, 0, 100);
    assert.equal(log.lastRemoval(keyOf(0)), 0);
  });

  test('drops every fork and block of a relation, and all of a database', ({ assert }) => {
    const log = new RemovalLog();
    log.dropRelation(relation, 100);
    assert.deepEqual(
      [keyOf(0), keyOf(9, 2)].map((key) => log.lastRemoval(key)),
      [100, 100],
    );
    log.dropDatabase(spcOid, dbOid, 200);
    assert.equal(log.lastRemoval(keyOf(9, 1)), 200);
    assert.equal(log.lastRemoval({ ...keyOf(9, 1), relNumber: 7 }), 200);
    assert.deepEqual([log.lastDrop(spcOid, dbOid), log.lastDrop(spcOid, dbOid + 1)], [200, 0]);
  });

  test('truncates one fork from a block on', ({ assert }) => {
    const log = new RemovalLog();
    log.truncate(relation, 0, 5, 100);
    log.truncate(relation, 0, 8, 200);
    assert.deepEqual(
      [4, 5, 7, 8, 9].map((block) => log.lastRemoval(keyOf(block))),
      [0, 100, 100, 200, 200],
    );
    assert.equal(log.lastRemoval(keyOf(9, 2)), 0);
  });

  test('keeps the last of several removals', ({ assert }) => {
    const log = new RemovalLog();
    log.truncate(relation, 0, 0, 300);
    log.dropRelation(relation, 200);
    log.truncate(relation, 0, 0, 100);
    assert.equal(log.lastRemoval(keyOf(0)), 300);
    log.dropRelation(relation, 400);
    assert.equal(log.lastRemoval(keyOf(0)), 400);
  });
});
