import { test } from '@japa/runner';

import { decodeRecord } from '../../harness/wal/decode.ts';
import { storageEffects } from '../../harness/wal/effects.ts';
import { rawRecordFromBytes } from '../../harness/wal/raw-record.ts';
import { thrownBy } from '../support/thrown.ts';
import { buildRecord, u16, u32 } from './wal-builder.ts';
import type { BlockSpec } from './wal-builder.ts';

const heap = 10;
const heap2 = 9;
const relation = { spcOid: 1663, dbOid: 5, relNumber: 16_384 };
const locator = [1663, 5, 16_384] as const;
const mapFork = 2;

function effectsOf(
  rmgrId: number,
  info: number,
  main: Buffer,
  blocks: readonly BlockSpec[],
  major = 17,
): readonly unknown[] {
  const raw = rawRecordFromBytes(buildRecord({ rmgrId, info, main, blocks }), 0x2000);
  return storageEffects(raw, decodeRecord(raw, major), major);
}

function onBlock(block: number): readonly BlockSpec[] {
  return [{ id: 0, relation: locator, block, data: Buffer.alloc(20, 0xff) }];
}

/** Main data as heapam_xlog.h lays it out; all bytes but the flags have every bit set, so that a wrong offset shows. */
const mainData = {
  insert: (flags: number) => Buffer.concat([u16(0xffff), Buffer.of(flags)]),
  multiInsert: (flags: number) => Buffer.concat([Buffer.of(flags, 0xff), u16(0xffff), u16(0xffff)]),
  delete: (flags: number) => Buffer.concat([u32(0xffffffff), u16(0xffff), Buffer.of(0xff, flags)]),
  update: (flags: number) =>
    Buffer.concat([u32(0xffffffff), u16(0xffff), Buffer.of(0xff, flags), u32(0xffffffff), u16(0xffff)]),
  lock: (flags: number) => Buffer.concat([u32(0xffffffff), u16(0xffff), Buffer.of(0xff, flags)]),
};

function clear(...heapBlocks: readonly (readonly [number, 'all' | 'frozen'])[]): readonly unknown[] {
  return [
    {
      kind: 'clear-visibility-map',
      relation,
      heapBlocks: heapBlocks.map(([heapBlock, bits]) => ({ heapBlock, bits })),
    },
  ];
}

const oneBlockKinds = [
  { name: 'INSERT', rmgrId: heap, info: 0x00, main: mainData.insert, bits: 'all' },
  { name: 'INSERT+INIT', rmgrId: heap, info: 0x80, main: mainData.insert, bits: 'all' },
  { name: 'DELETE', rmgrId: heap, info: 0x10, main: mainData.delete, bits: 'all' },
  { name: 'LOCK', rmgrId: heap, info: 0x60, main: mainData.lock, bits: 'frozen' },
  { name: 'MULTI_INSERT', rmgrId: heap2, info: 0x50, main: mainData.multiInsert, bits: 'all' },
  { name: 'MULTI_INSERT+INIT', rmgrId: heap2, info: 0xd0, main: mainData.multiInsert, bits: 'all' },
  { name: 'LOCK_UPDATED', rmgrId: heap2, info: 0x60, main: mainData.lock, bits: 'frozen' },
] as const;

test.group('visibility-map bits that redo clears in passing', () => {
  for (const { name, rmgrId, info, main, bits } of oneBlockKinds) {
    test(`${name}: by its flag alone, on 14 to 18`, ({ assert }) => {
      for (const major of [14, 15, 16, 17, 18]) {
        assert.deepEqual(effectsOf(rmgrId, info, main(0x01), onBlock(70_000), major), clear([70_000, bits]));
        assert.deepEqual(effectsOf(rmgrId, info, main(0xff), onBlock(70_000), major), clear([70_000, bits]));
        assert.deepEqual(effectsOf(rmgrId, info, main(0xfe), onBlock(70_000), major), []);
      }
    });

    test(`${name}: nothing in passing when the record names the map's page`, ({ assert }) => {
      const blocks = [...onBlock(70_000), { id: 1, relation: locator, fork: mapFork, block: 2 }];
      assert.deepEqual(effectsOf(rmgrId, info, main(0x01), blocks), []);
    });
  }

  for (const [name, info] of [
    ['UPDATE', 0x20],
    ['UPDATE+INIT', 0xa0],
    ['HOT_UPDATE', 0x40],
  ] as const) {
    test(`${name}: of the old page, the new one, or both`, ({ assert }) => {
      const onePage = onBlock(7);
      const twoPages = [...onBlock(7), { id: 1, block: 3 }];
      for (const [flags, blocks, expected] of [
        [0x01, onePage, clear([7, 'all'])],
        [0x01, twoPages, clear([3, 'all'])],
        [0x02, twoPages, clear([7, 'all'])],
        [0xff, twoPages, clear([3, 'all'], [7, 'all'])],
        [0xfc, twoPages, []],
      ] as const) {
        assert.deepEqual(effectsOf(heap, info, mainData.update(flags), blocks), expected);
      }
    });

    test(`${name}: nothing in passing when one page of the map is named, by whatever id`, ({ assert }) => {
      for (const id of [2, 3]) {
        const blocks = [
          ...onBlock(7),
          { id: 1, block: 3 },
          { id, relation: locator, fork: mapFork, block: 0 },
        ];
        assert.deepEqual(effectsOf(heap, info, mainData.update(0x03), blocks), []);
      }
    });
  }

  test('other kinds of heap records clear nothing, whatever their bytes', ({ assert }) => {
    const main = Buffer.alloc(40, 0xff);
    for (const info of [0x30, 0x50, 0x70]) assert.deepEqual(effectsOf(heap, info, main, onBlock(1)), []);
    for (const info of [0x00, 0x10, 0x20, 0x30, 0x40, 0x70]) {
      assert.deepEqual(effectsOf(heap2, info, main, onBlock(1)), []);
    }
  });

  test('main data that ends before the flags is named', ({ assert }) => {
    for (const { rmgrId, info, main } of oneBlockKinds) {
      const flagsOffset = main(0x01).indexOf(0x01);
      const error = thrownBy(() => effectsOf(rmgrId, info, main(0x01).subarray(0, flagsOffset), onBlock(1)));
      assert.equal(error.code, 'wal-corrupt-main-data');
      assert.match(error.message, new RegExp(`flags: the main data has ${flagsOffset} bytes`));
    }
    const short = mainData.update(0x01).subarray(0, 7);
    assert.equal(thrownBy(() => effectsOf(heap, 0x20, short, onBlock(1))).code, 'wal-corrupt-main-data');
  });

  test('flags without a heap page are refused', ({ assert }) => {
    const cases: readonly (readonly BlockSpec[])[] = [
      [],
      [{ id: 1, relation: locator, block: 1 }],
      [{ id: 0, relation: locator, fork: 3, block: 1 }],
    ];
    for (const blocks of cases) {
      const error = thrownBy(() => effectsOf(heap, 0x00, mainData.insert(0x01), blocks));
      assert.equal(error.code, 'wal-corrupt-block-reference');
      assert.match(error.message, /blkref #0: the flags say/);
    }
  });
});
