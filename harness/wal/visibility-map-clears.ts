import { walCorrupt } from './corruption.ts';
import type { BlockReference, DecodedRecord } from './decoded-record.ts';
import type { RelFileLocator } from './main-data.ts';
import { rmgrIds } from './names.ts';
import type { RawRecord } from './raw-record.ts';

/** One heap block whose bits in the visibility map go: all-visible and all-frozen (`all`), or all-frozen alone. */
export interface ClearedHeapBlock {
  readonly heapBlock: number;
  readonly bits: 'all' | 'frozen';
}

/** Bits of heap blocks that redo clears in the visibility map of `relation`, although no block reference names its page. */
export interface VisibilityMapClear {
  readonly kind: 'clear-visibility-map';
  readonly relation: RelFileLocator;
  readonly heapBlocks: readonly ClearedHeapBlock[];
}

/** VISIBILITYMAP_FORKNUM (common/relpath.h). */
const visibilityMapFork = 2;

/** Kinds of Heap and Heap2 records, without XLOG_HEAP_INIT_PAGE. */
const kindMask = 0x70;
const heapInsert = 0x00;
const heapDelete = 0x10;
const heapUpdate = 0x20;
const heapHotUpdate = 0x40;
const heapLock = 0x60;
const heap2MultiInsert = 0x50;
const heap2LockUpdated = 0x60;

/** Where a kind's main data has its flags: xl_heap_multi_insert first, xl_heap_insert after offnum, the others after an xid, offnum, infobits. */
const multiInsertFlagsOffset = 0;
const insertFlagsOffset = 2;
const otherFlagsOffset = 7;

/**
 * XLH_INSERT_ALL_VISIBLE_CLEARED, XLH_DELETE_ALL_VISIBLE_CLEARED, XLH_UPDATE_OLD_ALL_VISIBLE_CLEARED and
 * XLH_LOCK_ALL_FROZEN_CLEARED are one bit; what it clears, and of which block, is the kind's to say.
 */
const cleared = 0x01;
const updateNewCleared = 0x02;

/**
 * The visibility-map bits that redo of a Heap or Heap2 record clears without naming the map's page; undefined when it
 * clears none. A record that names a page of the map clears there what it clears, by redo of that block (newer minors:
 * 17.11 and 18.6 do so, 15.18 does not); decoded by what the record says, whoever wrote it. Clearing is for the map page
 * that has the bits, exists or not, whatever its LSN, and does not move its LSN.
 *
 * Vanilla records only: Neon's of 14 and 15 place the flags elsewhere. Throws `wal-corrupt-main-data` when the main data
 * ends before the flags, `wal-corrupt-block-reference` when the heap's own block is missing. Sources: heapam_xlog.h and
 * heap_redo/heap2_redo (heapam.c; heapam_xlog.c in 18) of 14 to 18, which agree in all of this.
 */
export function visibilityMapClear(raw: RawRecord, decoded: DecodedRecord): VisibilityMapClear | undefined {
  return namesMap(decoded) ? undefined : visibilityMapBits(raw, decoded);
}

/** The same whether the record names the map's page or not: what redo clears, by whichever way. */
export function visibilityMapBits(raw: RawRecord, decoded: DecodedRecord): VisibilityMapClear | undefined {
  const kind = decoded.info & kindMask;
  if (decoded.rmgrId === rmgrIds.heap) {
    switch (kind) {
      case heapInsert:
        return ofOneBlock(raw, decoded, insertFlagsOffset, 'all');
      case heapDelete:
        return ofOneBlock(raw, decoded, otherFlagsOffset, 'all');
      case heapLock:
        return ofOneBlock(raw, decoded, otherFlagsOffset, 'frozen');
      case heapUpdate:
      case heapHotUpdate:
        return ofUpdate(raw, decoded);
      default:
        return undefined;
    }
  }
  if (decoded.rmgrId === rmgrIds.heap2) {
    switch (kind) {
      case heap2MultiInsert:
        return ofOneBlock(raw, decoded, multiInsertFlagsOffset, 'all');
      case heap2LockUpdated:
        return ofOneBlock(raw, decoded, otherFlagsOffset, 'frozen');
      default:
        return undefined;
    }
  }
  return undefined;
}

function ofOneBlock(
  raw: RawRecord,
  decoded: DecodedRecord,
  flagsOffset: number,
  bits: ClearedHeapBlock['bits'],
): VisibilityMapClear | undefined {
  if ((flagsAt(raw, decoded, flagsOffset) & cleared) === 0) {
    return undefined;
  }
  const heap = heapBlock(raw, decoded);
  return clearOf(heap, [{ heapBlock: heap.blockNumber, bits }]);
}

/** Block 0 is the new tuple's page; block 1 the old one's, missing when both are on one page. Old before new, as redo does it. */
function ofUpdate(raw: RawRecord, decoded: DecodedRecord): VisibilityMapClear | undefined {
  const flags = flagsAt(raw, decoded, otherFlagsOffset);
  if ((flags & (cleared | updateNewCleared)) === 0) {
    return undefined;
  }
  const newPage = heapBlock(raw, decoded);
  const oldPage = decoded.blocks.find((block) => block.id === 1) ?? newPage;
  const heapBlocks: ClearedHeapBlock[] = [];
  if ((flags & cleared) !== 0) {
    heapBlocks.push({ heapBlock: oldPage.blockNumber, bits: 'all' });
  }
  if ((flags & updateNewCleared) !== 0) {
    heapBlocks.push({ heapBlock: newPage.blockNumber, bits: 'all' });
  }
  return clearOf(newPage, heapBlocks);
}

function clearOf(heap: BlockReference, heapBlocks: readonly ClearedHeapBlock[]): VisibilityMapClear {
  const { spcOid, dbOid, relNumber } = heap;
  return { kind: 'clear-visibility-map', relation: { spcOid, dbOid, relNumber }, heapBlocks };
}

function namesMap(decoded: DecodedRecord): boolean {
  for (const { forkNumber } of decoded.blocks) {
    if (forkNumber === visibilityMapFork) {
      return true;
    }
  }
  return false;
}

function flagsAt(raw: RawRecord, decoded: DecodedRecord, flagsOffset: number): number {
  const { mainDataOffset, mainDataLength } = decoded;
  if (mainDataLength <= flagsOffset) {
    const problem = `the main data has ${mainDataLength} bytes, the flags are its byte ${flagsOffset}`;
    throw walCorrupt('main-data', problem, {
      lsn: raw.startLsn,
      field: 'flags',
      recordOffset: mainDataOffset - raw.offset,
    });
  }
  return raw.bytes[mainDataOffset + flagsOffset]!;
}

function heapBlock(raw: RawRecord, decoded: DecodedRecord): BlockReference {
  const heap = decoded.blocks[0];
  if (heap === undefined || heap.id !== 0 || heap.forkNumber !== 0) {
    throw walCorrupt(
      'block-reference',
      'the flags say that bits of the visibility map go, but no heap page is named',
      {
        lsn: raw.startLsn,
        field: 'blkref #0',
      },
    );
  }
  return heap;
}
