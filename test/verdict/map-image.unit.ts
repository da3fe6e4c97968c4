import { test } from '@japa/runner';

import { mapImageIn } from '../../harness/verdict/map-image.ts';
import { keyOf, relation } from '../redo/tiny-tape.ts';
import { buildRecord, u32, type BlockSpec } from '../wal/wal-builder.ts';

const key = keyOf(0, 2);
const major = 17;
const image = { stored: Buffer.alloc(8192), info: 0x02 };
const heap: BlockSpec = { id: 0, relation, block: 7 };
const map: BlockSpec = { id: 1, fork: 2, block: 0 };

/** XLOG_HEAP_DELETE that clears the bits of heap block 7. */
function deletion(endLsn: number, ...blocks: readonly BlockSpec[]): { endLsn: number; bytes: Buffer } {
  const main = Buffer.concat([u32(700), Buffer.of(1, 0, 0, 0x01)]);
  return { endLsn, bytes: buildRecord({ rmgrId: 10, info: 0x10, blocks, main }) };
}

/** XLOG_HEAP2_VISIBLE of heap block 7. */
function visible(endLsn: number): { endLsn: number; bytes: Buffer } {
  const blocks = [
    { ...map, id: 0, relation, image },
    { id: 1, block: 7 },
  ];
  return {
    endLsn,
    bytes: buildRecord({ rmgrId: 9, info: 0x40, blocks, main: Buffer.concat([u32(700), Buffer.of(3)]) }),
  };
}

test.group('mapImageIn', () => {
  test('finds the last heap record that brings the map page as an image', ({ assert }) => {
    const withImage = { ...map, image };
    const records = [
      deletion(0x100, heap, withImage),
      deletion(0x200, heap, withImage),
      deletion(0x300, heap, map),
    ];
    assert.deepEqual(mapImageIn(key, records, major), { record: 'Heap DELETE', endLsn: 0x200 });
  });

  test('passes over pages without an image, other pages of the map, and records that always named it', ({
    assert,
  }) => {
    const elsewhere = { ...map, block: 1, image };
    for (const record of [deletion(0x100, heap, map), deletion(0x100, heap, elsewhere), visible(0x100)]) {
      assert.isUndefined(mapImageIn(key, [record], major));
    }
    assert.isUndefined(mapImageIn(keyOf(7, 0), [deletion(0x100, heap, { ...map, image })], major));
  });
});
