import { join } from 'node:path';
import { test } from '@japa/runner';

import { explainRecord } from '../../harness/redo/request/explain-record.ts';
import { readRequestRecords } from '../../harness/redo/request/request-records.ts';
import { Tape } from '../../harness/redo/tape/tape.ts';
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

  test('make sense in the real records of every major: items are numbered from 1, and a page has not many', ({
    assert,
  }) => {
    const items = new Set(['offnum', 'old_offnum', 'new_offnum', 'firstrightoff', 'newitemoff', 'ntuples']);
    for (const major of [14, 15, 16, 17, 18]) {
      const tape = Tape.open(join(import.meta.dirname, '../../corpora/tapes', `pg${String(major)}`));
      const kinds = new Set<string>();
      for (const request of tape.index) {
        for (const { bytes, endLsn } of readRequestRecords(tape.readRequest(request)).records) {
          const { rmgr, kind, fields } = explainRecord(major, request.key, bytes, endLsn);
          for (const { name, value } of fields) {
            kinds.add(`${rmgr} ${kind}`);
            if (items.has(name) && !(Number(value) >= 1 && Number(value) <= 2048))
              assert.fail(`${String(major)} ${rmgr} ${kind}: ${name} ${value}`);
          }
        }
      }
      assert.isAtLeast(kinds.size, 12, [...kinds].join());
    }
  });
});
