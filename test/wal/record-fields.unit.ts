import { test } from '@japa/runner';

import { recordFields } from '../../harness/wal/record-fields.ts';

test.group('fields of a record', () => {
  test('have PostgreSQL’s names; padding is passed over', ({ assert }) => {
    const insert = Buffer.from([0x18, 0x00, 0x01]);
    assert.deepEqual(recordFields('Heap', 'INSERT', insert), [
      { name: 'offnum', value: '24' },
      { name: 'flags', value: '0x01' },
    ]);
    const multi = Buffer.from([0x02, 0xaa, 0x03, 0x00, 0x01, 0x00]);
    assert.deepEqual(recordFields('Heap2', 'MULTI_INSERT', multi), [
      { name: 'flags', value: '0x02' },
      { name: 'ntuples', value: '3' },
    ]);
  });

  test('are none for a kind that is not known, and no more than the bytes hold', ({ assert }) => {
    assert.deepEqual(recordFields('Heap', 'PRUNE', Buffer.alloc(9)), []);
    assert.deepEqual(recordFields('Heap', 'INSERT', Buffer.from([0x18])), []);
    assert.deepEqual(recordFields('Heap', 'INSERT', Buffer.from([0x18, 0x00])), [
      { name: 'offnum', value: '24' },
    ]);
  });
});
