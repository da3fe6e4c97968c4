import { join } from 'node:path';
import { test } from '@japa/runner';

import { explainRecord } from '../../harness/redo/request/explain-record.ts';
import { readRequestRecords } from '../../harness/redo/request/request-records.ts';
import { Tape } from '../../harness/redo/tape/tape.ts';
import { recordFields } from '../../harness/wal/record-fields.ts';

test.group('fields of a record', () => {
  test('have PostgreSQL’s names; padding is passed over', ({ assert }) => {
    const insert = Buffer.from([0x18, 0x00, 0x01]);
    assert.deepEqual(recordFields('Heap', 'INSERT', insert, 17), [
      { name: 'offnum', value: '24' },
      { name: 'flags', value: '0x01' },
    ]);
    const multi = Buffer.from([0x02, 0xaa, 0x03, 0x00, 0x01, 0x00]);
    assert.deepEqual(recordFields('Heap2', 'MULTI_INSERT', multi, 17), [
      { name: 'flags', value: '0x02' },
      { name: 'ntuples', value: '3' },
    ]);
  });

  test('lie where C aligns them, and have the names of their major', ({ assert }) => {
    const unlink = Buffer.alloc(36);
    for (const [index, value] of [11, 12, 13].entries()) unlink.writeUInt32LE(value, 4 * index);
    unlink.writeBigUInt64LE(0x1_0000_0002n, 16);
    for (const [index, value] of [14, 15, 16].entries()) unlink.writeUInt32LE(value, 24 + 4 * index);
    assert.deepEqual(
      recordFields('Btree', 'UNLINK_PAGE', unlink, 17).map(({ name, value }) => `${name} ${value}`),
      [
        'leftsib 11',
        'rightsib 12',
        'level 13',
        'safexid 4294967298',
        'leafleftsib 14',
        'leafrightsib 15',
        'leaftopparent 16',
      ],
    );
    const visible = Buffer.from([9, 0, 0, 0, 3]);
    assert.equal(recordFields('Heap2', 'VISIBLE', visible, 15)[0]?.name, 'cutoff_xid');
    assert.equal(recordFields('Heap2', 'VISIBLE', visible, 16)[0]?.name, 'snapshotConflictHorizon');
    const leaf = Buffer.from([1, 0, 5, 0, 4, 0, 3, 0, 2, 0]);
    assert.deepEqual(
      recordFields('SPGist', 'ADD_LEAF', leaf, 14).map(({ value }) => value),
      ['true', 'false', '5', '4', '3', '2'],
    );
  });

  test('of a sequence tell what it is set to', ({ assert }) => {
    const log = Buffer.alloc(12 + 24 + 17);
    log[12 + 22] = 24;
    log.writeBigInt64LE(-7n, 36);
    log.writeBigInt64LE(32n, 44);
    log[52] = 1;
    const values = recordFields('Sequence', 'LOG', log, 17).slice(3);
    assert.deepEqual(
      values.map(({ name, value }) => `${name} ${value}`),
      ['last_value -7', 'log_cnt 32', 'is_called true'],
    );
    for (let length = 0; length < log.length; length++)
      assert.isAtMost(recordFields('Sequence', 'LOG', log.subarray(0, length), 17).length, 3);
  });

  test('are none for a kind that is not known, and no more than the bytes hold', ({ assert }) => {
    assert.deepEqual(recordFields('Heap', 'PRUNE', Buffer.alloc(9), 17), []);
    assert.deepEqual(recordFields('Heap', 'INSERT', Buffer.from([0x18]), 17), []);
    assert.deepEqual(recordFields('Heap', 'INSERT', Buffer.from([0x18, 0x00]), 17), [
      { name: 'offnum', value: '24' },
    ]);
  });

  test('make sense in the real records of every major: items are numbered from 1, and a page has not many', ({
    assert,
  }) => {
    const items = new Set(['offnum', 'old_offnum', 'new_offnum', 'firstrightoff', 'newitemoff']);
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
      assert.isAtLeast(kinds.size, 20, [...kinds].join());
    }
  });
});
