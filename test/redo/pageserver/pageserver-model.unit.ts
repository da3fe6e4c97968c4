import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { isNewPage } from '../../../harness/page/header.ts';
import {
  allFrozen,
  allVisibilityBits,
  allVisible,
  clearVisibilityMapFlags,
  heapBlocksPerMapPage,
  mapPosition,
  setVisibilityMapFlags,
  truncateVisibilityMap,
} from '../../../harness/redo/pageserver/pageserver-model.ts';

/** The bits of a heap block, read the slow way: two bits each, low ones first, behind a header of 24 bytes. */
function bitsOf(page: Buffer, heapBlock: number): number {
  const bit = 2 * (heapBlock % 32_672);
  const byte = page[24 + Math.floor(bit / 8)] ?? 0;
  return (byte >> (bit % 8)) & 3;
}

function lsnOf(page: Buffer): number {
  return page.readUInt32LE(0) * 2 ** 32 + page.readUInt32LE(4);
}

const heapBlock = fc.nat(heapBlocksPerMapPage - 1);

test.group('the visibility map of the pageserver model', () => {
  test('has 32,672 heap blocks a page', ({ assert }) => {
    assert.equal(heapBlocksPerMapPage, 32_672);
    assert.deepEqual(mapPosition(0), { mapBlock: 0, byteOffset: 24, shift: 0 });
    assert.deepEqual(mapPosition(32_671), { mapBlock: 0, byteOffset: 8191, shift: 6 });
    assert.deepEqual(mapPosition(32_673), { mapBlock: 1, byteOffset: 24, shift: 2 });
  });

  test('makes a new page when bits are set on it, and moves its LSN', ({ assert }) => {
    const page = Buffer.alloc(8192);
    assert.isTrue(isNewPage(page));
    setVisibilityMapFlags(page, 5, allVisible, 0x1_0000_0040);
    assert.isFalse(isNewPage(page));
    assert.equal(lsnOf(page), 0x1_0000_0040);
    assert.equal(bitsOf(page, 5), allVisible);
    assert.deepEqual([...page.subarray(8, 24)], [0, 0, 0, 0, 24, 0, 0, 32, 0, 32, 4, 32, 0, 0, 0, 0]);
  });

  test('keeps the LSN when the bits were just these, adds to them when they were others', ({ assert }) => {
    const page = Buffer.alloc(8192);
    setVisibilityMapFlags(page, 9, allVisible, 100);
    setVisibilityMapFlags(page, 9, allVisible, 200);
    assert.equal(lsnOf(page), 100);
    setVisibilityMapFlags(page, 9, allVisibilityBits, 300);
    assert.deepEqual([lsnOf(page), bitsOf(page, 9)], [300, 3]);
    setVisibilityMapFlags(page, 9, allVisible, 400);
    assert.deepEqual([lsnOf(page), bitsOf(page, 9)], [400, 3]);
  });

  test('clears the bits of one block alone, and leaves the LSN', ({ assert }) => {
    fc.assert(
      fc.property(heapBlock, heapBlock, fc.constantFrom(allFrozen, allVisibilityBits), (one, other, bits) => {
        const page = Buffer.alloc(8192, 0xff);
        const lsn = lsnOf(page);
        clearVisibilityMapFlags(page, one, bits);
        assert.equal(bitsOf(page, one), 3 & ~bits);
        if (other !== one) assert.equal(bitsOf(page, other), 3);
        assert.equal(lsnOf(page), lsn);
      }),
    );
  });

  test('loses the bits of all blocks behind a truncation, and no others', ({ assert }) => {
    fc.assert(
      fc.property(heapBlock, heapBlock, (blocks, other) => {
        const page = Buffer.alloc(8192, 0xff);
        truncateVisibilityMap(page, blocks);
        assert.equal(bitsOf(page, other), other < blocks ? 3 : 0);
        assert.isTrue(page.subarray(0, 24).every((byte) => byte === 0xff));
      }),
    );
  });
});
