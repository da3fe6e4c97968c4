import { test } from '@japa/runner';

import { RelationNames, type RelationName } from '../../harness/compute/relation-name.ts';

function relation(spcOid: number, relNumber: number, name: string): RelationName {
  return {
    spcOid,
    dbOid: spcOid === 1664 ? 0 : 5,
    relNumber,
    oid: relNumber,
    schema: 'public',
    name,
    kind: 'table',
    accessMethod: 'heap',
    table: null,
    collations: [],
    columns: null,
  };
}

test.group('RelationNames', () => {
  test('keeps the storage that went away beside the one that came', ({ assert }) => {
    const names = new RelationNames();
    names.add([relation(1663, 16400, 'dropped'), relation(1663, 16390, 'rewritten')]);
    names.add([relation(1663, 16410, 'rewritten'), relation(1664, 1262, 'pg_database')]);
    assert.deepEqual(
      names.all().map((found) => `${String(found.relNumber)} ${found.name}`),
      ['16390 rewritten', '16400 dropped', '16410 rewritten', '1262 pg_database'],
    );
  });

  test('keeps the first name of a storage that is renamed', ({ assert }) => {
    const names = new RelationNames();
    names.add([relation(1663, 16390, 'before')]);
    names.add([relation(1663, 16390, 'after')]);
    assert.deepEqual(
      names.all().map((found) => found.name),
      ['before'],
    );
  });
});
