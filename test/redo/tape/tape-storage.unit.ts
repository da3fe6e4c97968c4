import { test } from '@japa/runner';

import {
  formatTapeStorage,
  parseTapeStorage,
  type TapeStorage,
} from '../../../harness/redo/tape/tape-storage.ts';
import { thrownBy } from '../../support/thrown.ts';

const storage: TapeStorage = {
  baseDigest: 'a'.repeat(64),
  forks: [[1663, 5, 16_384, 0, 7, 3]],
  databases: [[1663, 5]],
  tablespaces: [20_000],
  relationMaps: [{ spcOid: 1663, dbOid: 5, bytes: Buffer.from('a map') }],
  mapChanges: [
    {
      spcOid: 1663,
      dbOid: 5,
      relNumber: 16_384,
      blockNumber: 0,
      changes: [{ kind: 'clear', heapBlock: 3, bits: 3 }],
    },
  ],
  statuses: {
    pg_xact: [{ page: 0, bytes: Buffer.alloc(8192, 0x55) }],
    'pg_multixact/offsets': [],
    'pg_multixact/members': [],
  },
  checkpoint: Buffer.alloc(88, 7),
  contents: { database: 'postgres', tables: [{ table: 'a.b', blocks: [[0, 3, 'ff']] }] },
};

test.group('the storage of a tape', () => {
  test('is read as it was written', ({ assert }) => {
    assert.deepEqual(parseTapeStorage(formatTapeStorage(storage), 'storage'), storage);
  });

  test('what is wrong is named', ({ assert }) => {
    const text = formatTapeStorage(storage);
    const cases: readonly (readonly [string, RegExp])[] = [
      [text.slice(0, 100), /storage: it is not JSON/],
      [text.replace('[1663,5,16384,0,7,3]', '[1663,5,16384,0,7]'), /forks\.0/],
      [text.replace('"kind":"clear"', '"kind":"set"'), /mapChanges\.0\.changes\.0\.kind/],
      [text.replace('"bits":3', '"bits":4'), /mapChanges\.0\.changes\.0\.bits/],
      [text.replace('"checkpoint":"', '"checkpoint":"!'), /checkpoint/],
      [text.replace('{"baseDigest"', '{"more":1,"baseDigest"'), /more/],
    ];
    for (const [damaged, words] of cases) {
      const error = thrownBy(() => parseTapeStorage(damaged, '/a/tape/storage'));
      assert.deepEqual([error.kind, error.code], ['infrastructure', 'tape-invalid']);
      assert.match(error.message, words);
      assert.include(error.message, '/a/tape/storage');
    }
  });
});
