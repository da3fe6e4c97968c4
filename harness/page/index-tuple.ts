import type { FieldMap } from './field.ts';
import type { Item } from './item.ts';

/** sizeof(ItemPointerData). */
export const itemPointerSizeBytes = 6;
/** sizeof(IndexTupleData). */
export const indexTupleHeaderSizeBytes = 8;
/** IndexAttributeBitMapData: 32 columns at most. */
const nullBitmapSizeBytes = 4;

/** t_info bits (access/itup.h, 14-18). */
export const indexTupleInfo = { sizeMask: 0x1fff, reserved: 0x2000, hasNulls: 0x8000 } as const;

/** Bits of t_tid's offset number in a btree's tuple whose t_info has the reserved one (access/nbtree.h, 13-18). */
export const btreeOffset = { countMask: 0x0fff, pivotHeapTid: 0x1000, posting: 0x2000 } as const;

/** Where the parts of an index tuple lie on the page. */
export interface IndexTupleParts {
  readonly keyStart: number;
  readonly end: number;
  /** t_info; 0 when the item is too short to have one. */
  readonly info: number;
}

/** Labels t_tid, t_info and the null bitmap of an index tuple (IndexTupleData, access/itup.h, 14-18); says where its key begins. */
export function labelIndexTupleHeader(page: Buffer, item: Item, of: string, map: FieldMap): IndexTupleParts {
  const end = item.offset + item.length;
  const keyStart = map.claimAll(item.offset, end, [
    [`t_tid ${of}`, itemPointerSizeBytes],
    [`t_info ${of}`, 2],
  ]);
  if (item.length < indexTupleHeaderSizeBytes) {
    return { keyStart, end, info: 0 };
  }
  const info = page.readUInt16LE(item.offset + itemPointerSizeBytes);
  if ((info & indexTupleInfo.hasNulls) === 0) {
    return { keyStart, end, info };
  }
  const behindNulls = map.claimAll(keyStart, end, [
    [`null bitmap ${of}`, nullBitmapSizeBytes],
    [`header padding ${of}`, 4],
  ]);
  return { keyStart: behindNulls, end, info };
}

/** Labels an index tuple that is a header and a key. */
export function labelPlainIndexTuple(page: Buffer, item: Item, map: FieldMap): void {
  const of = `of item ${item.number}`;
  const { keyStart, end } = labelIndexTupleHeader(page, item, of, map);
  map.claim(keyStart, end - keyStart, `key ${of}`);
}

/** The 32-bit block number of an ItemPointerData, whose two halves are stored high half first. */
export function readItemPointerBlock(page: Buffer, offset: number): number {
  return page.readUInt16LE(offset) * 0x1_0000 + page.readUInt16LE(offset + 2);
}
