import { test } from '@japa/runner';

import { decodeRecord } from '../../harness/wal/decode.ts';
import { storageEffects } from '../../harness/wal/effects.ts';
import type { StorageEffect } from '../../harness/wal/effects.ts';
import { rawRecordFromBytes } from '../../harness/wal/raw-record.ts';
import { thrownBy } from '../support/thrown.ts';
import { buildRecord, u32, u64 } from './wal-builder.ts';

function effectsOf(rmgrId: number, info: number, main: Buffer, major = 17): readonly StorageEffect[] {
  const raw = rawRecordFromBytes(buildRecord({ rmgrId, info, main }), 0x2000);
  return storageEffects(raw, decodeRecord(raw, major), major);
}

const relationA = { spcOid: 1663, dbOid: 5, relNumber: 16_384 };
const relationB = { spcOid: 1664, dbOid: 0, relNumber: 1260 };

function locator({ spcOid, dbOid, relNumber }: typeof relationA): Buffer {
  return Buffer.concat([u32(spcOid), u32(dbOid), u32(relNumber)]);
}

/** The end of a transaction: time, xinfo, and the parts that xinfo announces, in their order. */
function ending(xinfo: number, ...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([u64(7n), u32(xinfo), ...parts]);
}

const dbInfo = Buffer.concat([u32(5), u32(1663)]);
const subxacts = Buffer.concat([u32(3), u32(11), u32(12), u32(13)]);
const relations = Buffer.concat([u32(2), locator(relationA), locator(relationB)]);
const dropped = [{ kind: 'drop-relations', relations: [relationA, relationB] }];

test.group('storageEffects of transactions', () => {
  for (const [name, info] of [
    ['commit', 0x80],
    ['abort', 0xa0],
    ['commit prepared', 0xb0],
    ['abort prepared', 0xc0],
  ] as const) {
    test(`${name} drops relations, whatever stands around them`, ({ assert }) => {
      assert.deepEqual(effectsOf(1, info, ending(0x04, relations)), dropped);
      assert.deepEqual(effectsOf(1, info, ending(0x05, dbInfo, relations)), dropped);
      assert.deepEqual(effectsOf(1, info, ending(0x06, subxacts, relations)), dropped);
      const rest = Buffer.alloc(40, 9);
      assert.deepEqual(effectsOf(1, info, ending(0x1ff, dbInfo, subxacts, relations, rest)), dropped);
    });
  }

  test('nothing is dropped without the flags, by PREPARE, or by an assignment', ({ assert }) => {
    assert.deepEqual(effectsOf(1, 0x00, u64(7n)), []);
    assert.deepEqual(effectsOf(1, 0x80, ending(0x03, dbInfo, subxacts)), []);
    assert.deepEqual(effectsOf(1, 0x80, ending(0x04, u32(0))), []);
    assert.deepEqual(effectsOf(1, 0x10, ending(0x04, relations)), []);
    assert.deepEqual(effectsOf(1, 0xd0, ending(0x04, relations)), []);
  });

  test('counts that do not fit are named', ({ assert }) => {
    const cases: readonly (readonly [Buffer, RegExp])[] = [
      [ending(0x04, u32(3), locator(relationA)), /nrels: 3 items do not fit in the 12 bytes left/],
      [ending(0x04, u32(0xffff_ffff)), /nrels: 4294967295 items/],
      [ending(0x02 | 0x04, u32(100)), /nsubxacts: 100 items/],
      [ending(0x04), /nrels: 4 bytes are needed, 0 are left/],
      [ending(0x05, u32(1)), /xl_xact_dbinfo: 8 bytes are needed, 4/],
      [u32(1), /xact_time: 8 bytes are needed, 4/],
    ];
    for (const [main, message] of cases) {
      const error = thrownBy(() => effectsOf(1, 0x80, main));
      assert.equal(error.code, 'wal-corrupt-main-data');
      assert.match(error.message, message);
    }
  });
});

test.group('storageEffects of storage, databases, tablespaces, relation maps', () => {
  test('a fork is made', ({ assert }) => {
    const main = Buffer.concat([locator(relationA), u32(3)]);
    assert.deepEqual(effectsOf(2, 0x10, main), [{ kind: 'create-fork', relation: relationA, forkNumber: 3 }]);
  });

  test('a relation is cut', ({ assert }) => {
    const main = (flags: number): Buffer => Buffer.concat([u32(77), locator(relationA), u32(flags)]);
    const cut = (flags: number): unknown => effectsOf(2, 0x20, main(flags));
    assert.deepEqual(cut(7), [
      { kind: 'truncate', relation: relationA, blocks: 77, forks: ['main', 'vm', 'fsm'] },
    ]);
    assert.deepEqual(cut(1), [{ kind: 'truncate', relation: relationA, blocks: 77, forks: ['main'] }]);
    assert.deepEqual(cut(6), [{ kind: 'truncate', relation: relationA, blocks: 77, forks: ['vm', 'fsm'] }]);
  });

  test('databases come and go, with other numbers in 14', ({ assert }) => {
    const copy = Buffer.concat([u32(20), u32(1663), u32(1), u32(1664)]);
    const made = [
      { kind: 'create-database-copy', dbOid: 20, spcOid: 1663, sourceDbOid: 1, sourceSpcOid: 1664 },
    ];
    const drop = Buffer.concat([u32(20), u32(2), u32(1663), u32(9999)]);
    const gone = [{ kind: 'drop-database', dbOid: 20, spcOids: [1663, 9999] }];
    assert.deepEqual(effectsOf(4, 0x00, copy, 14), made);
    assert.deepEqual(effectsOf(4, 0x00, copy, 15), made);
    assert.deepEqual(effectsOf(4, 0x10, drop, 14), gone);
    assert.deepEqual(effectsOf(4, 0x20, drop, 18), gone);
    const folder = Buffer.concat([u32(20), u32(1663)]);
    assert.deepEqual(effectsOf(4, 0x10, folder, 17), [
      { kind: 'create-database-folder', dbOid: 20, spcOid: 1663 },
    ]);
    assert.match(
      thrownBy(() => effectsOf(4, 0x20, Buffer.concat([u32(1), u32(9)]))).message,
      /ntablespaces: 9 items/,
    );
  });

  test('tablespaces come and go', ({ assert }) => {
    const main = Buffer.concat([u32(9999), Buffer.from('/srv/ä\0')]);
    assert.deepEqual(effectsOf(5, 0x00, main), [{ kind: 'create-tablespace', spcOid: 9999, path: '/srv/ä' }]);
    assert.deepEqual(effectsOf(5, 0x10, u32(9999)), [{ kind: 'drop-tablespace', spcOid: 9999 }]);
    const endless = Buffer.concat([u32(9999), Buffer.from('/srv')]);
    assert.match(thrownBy(() => effectsOf(5, 0x00, endless)).message, /ts_path: the text has no end/);
  });

  test('a relation map is written', ({ assert }) => {
    const main = Buffer.concat([u32(5), u32(1663), u32(524), Buffer.alloc(524)]);
    assert.deepEqual(effectsOf(7, 0x00, main), [{ kind: 'write-relation-map', dbOid: 5, spcOid: 1663 }]);
  });

  test('other records have none', ({ assert }) => {
    for (const rmgrId of [0, 3, 6, 8, 9, 10, 11, 15, 20, 21, 134]) {
      assert.deepEqual(effectsOf(rmgrId, 0x00, Buffer.alloc(4)), []);
    }
    for (const [rmgrId, info] of [
      [2, 0x50],
      [4, 0x70],
      [5, 0x70],
    ] as const) {
      assert.deepEqual(effectsOf(rmgrId, info, Buffer.alloc(40)), []);
    }
  });
});
