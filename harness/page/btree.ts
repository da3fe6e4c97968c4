import type { FieldMap } from './field.ts';
import type { PageHeader } from './header.ts';
import { pageHeaderSizeBytes } from './header.ts';
import type { Item } from './item.ts';
import { pageSizeBytes } from './page-bytes.ts';

/** sizeof(BTPageOpaqueData). */
export const btreeSpecialSizeBytes = 16;

/** btpo_flags (access/nbtree.h, 14-18). */
export const btreeFlags = {
  leaf: 0x0001,
  root: 0x0002,
  deleted: 0x0004,
  meta: 0x0008,
  halfDead: 0x0010,
  splitEnd: 0x0020,
  hasGarbage: 0x0040,
  incompleteSplit: 0x0080,
  hasFullXid: 0x0100,
} as const;

/** BTPageOpaqueData (access/nbtree.h, 14-18). */
export interface BtreeOpaque {
  readonly prev: number;
  readonly next: number;
  readonly level: number;
  readonly flags: number;
  readonly cycleId: number;
}

/** Reads a btree page's special space; undefined when there is no room for one where pd_special points. */
export function readBtreeOpaque(page: Buffer, header: PageHeader): BtreeOpaque | undefined {
  const at = header.special;
  if (at < pageHeaderSizeBytes || at + btreeSpecialSizeBytes > pageSizeBytes) {
    return undefined;
  }
  return {
    prev: page.readUInt32LE(at),
    next: page.readUInt32LE(at + 4),
    level: page.readUInt32LE(at + 8),
    flags: page.readUInt16LE(at + 12),
    cycleId: page.readUInt16LE(at + 14),
  };
}

/** Labels the special space of a btree page. */
export function labelBtreeOpaque(header: PageHeader, map: FieldMap): void {
  map.claimAll(header.special, pageSizeBytes, [
    ['btpo_prev', 4],
    ['btpo_next', 4],
    ['btpo_level', 4],
    ['btpo_flags', 2],
    ['btpo_cycleid', 2],
  ]);
}

/** Labels BTMetaPageData, the content of block 0 (access/nbtree.h, 14-18; 13 calls the deleted-pages field btm_oldest_btpo_xact). */
export function labelBtreeMeta(map: FieldMap): void {
  map.claimAll(pageHeaderSizeBytes, pageSizeBytes, [
    ['btm_magic', 4],
    ['btm_version', 4],
    ['btm_root', 4],
    ['btm_level', 4],
    ['btm_fastroot', 4],
    ['btm_fastlevel', 4],
    ['btm_last_cleanup_num_delpages', 4],
    ['padding of BTMetaPageData', 4],
    ['btm_last_cleanup_num_heap_tuples', 8],
    ['btm_allequalimage', 1],
    ['padding of BTMetaPageData', 7],
  ]);
}

/** Labels BTDeletedPageData, what a deleted page keeps (access/nbtree.h, 14-18). */
export function labelBtreeDeleted(map: FieldMap): void {
  map.claim(pageHeaderSizeBytes, 8, 'safexid');
}

/** t_info bits of an index tuple (access/itup.h) and of its t_tid's offset number in btree (access/nbtree.h, 13-18). */
const hasNulls = 0x8000;
const hasAlternativeTid = 0x2000;
const isPosting = 0x2000;
const isPivotWithHeapTid = 0x1000;
const tidCountMask = 0x0fff;
const itemPointerSizeBytes = 6;
const indexTupleHeaderSizeBytes = 8;
/** IndexAttributeBitMapData: 32 columns at most. */
const nullBitmapSizeBytes = 4;

/** Labels one index tuple: t_tid, t_info, null bitmap, key, and the posting list of a deduplicated one or the heap TID of a pivot. */
export function labelBtreeTuple(page: Buffer, item: Item, isHighKey: boolean, map: FieldMap): void {
  const of = `of item ${item.number}${isHighKey ? ' (high key)' : ''}`;
  const end = item.offset + item.length;
  let keyStart = map.claimAll(item.offset, end, [
    [`t_tid ${of}`, itemPointerSizeBytes],
    [`t_info ${of}`, 2],
  ]);
  if (item.length < indexTupleHeaderSizeBytes) {
    return;
  }
  const info = page.readUInt16LE(item.offset + 6);
  if ((info & hasNulls) !== 0) {
    keyStart = map.claimAll(keyStart, end, [
      [`null bitmap ${of}`, nullBitmapSizeBytes],
      [`header padding ${of}`, 4],
    ]);
  }
  const keyEnd = (info & hasAlternativeTid) === 0 ? end : labelHeapTids(page, item, keyStart, of, map);
  map.claim(keyStart, keyEnd - keyStart, `key ${of}`);
}

/** Labels what follows the key of a tuple whose t_tid is no heap pointer; returns where the key ends. */
function labelHeapTids(page: Buffer, item: Item, keyStart: number, of: string, map: FieldMap): number {
  const end = item.offset + item.length;
  const tidOffsetNumber = page.readUInt16LE(item.offset + 4);
  if ((tidOffsetNumber & isPosting) !== 0) {
    // The block number of t_tid is where the list begins, the low bits of its offset number the count.
    const listStart =
      item.offset + page.readUInt16LE(item.offset) * 0x1_0000 + page.readUInt16LE(item.offset + 2);
    const count = tidOffsetNumber & tidCountMask;
    const listEnd = listStart + count * itemPointerSizeBytes;
    if (listStart < keyStart || listEnd > end) {
      return end;
    }
    for (let index = 0; index < count; index++) {
      map.claim(listStart + index * itemPointerSizeBytes, itemPointerSizeBytes, `posting[${index}] ${of}`);
    }
    map.claim(listEnd, end - listEnd, `tuple padding ${of}`);
    return listStart;
  }
  const tidStart = end - itemPointerSizeBytes;
  if ((tidOffsetNumber & isPivotWithHeapTid) === 0 || tidStart - 2 < keyStart) {
    return end;
  }
  map.claim(tidStart, itemPointerSizeBytes, `heap TID ${of}`);
  map.claim(tidStart - 2, 2, `tuple padding ${of}`);
  return tidStart - 2;
}
