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
const tidCountMask = 0x0fff;
const itemPointerSizeBytes = 6;
const indexTupleHeaderSizeBytes = 8;
/** IndexAttributeBitMapData: 32 columns at most. */
const nullBitmapSizeBytes = 4;

/** Labels one index tuple: t_tid, t_info, null bitmap, key, and the posting list of a deduplicated one. */
export function labelBtreeTuple(page: Buffer, item: Item, isHighKey: boolean, map: FieldMap): void {
  const of = `of item ${item.number}${isHighKey ? ' (high key)' : ''}`;
  const end = item.offset + item.length;
  const at = map.claimAll(item.offset, end, [
    [`t_tid ${of}`, itemPointerSizeBytes],
    [`t_info ${of}`, 2],
  ]);
  if (item.length < indexTupleHeaderSizeBytes) {
    return;
  }
  const info = page.readUInt16LE(item.offset + 6);
  let keyStart = at;
  if ((info & hasNulls) !== 0) {
    keyStart = map.claimAll(at, end, [
      [`null bitmap ${of}`, nullBitmapSizeBytes],
      [`header padding ${of}`, 4],
    ]);
  }
  const tidOffsetNumber = page.readUInt16LE(item.offset + 4);
  if ((info & hasAlternativeTid) !== 0 && (tidOffsetNumber & isPosting) !== 0) {
    // In a posting tuple t_tid holds no heap pointer: its block is where the list begins, its low bits the count.
    const high = page.readUInt16LE(item.offset);
    const listStart = item.offset + high * 0x1_0000 + page.readUInt16LE(item.offset + 2);
    const count = listStart < keyStart ? 0 : tidOffsetNumber & tidCountMask;
    for (let index = 0; index < count; index++) {
      const start = listStart + index * itemPointerSizeBytes;
      map.claim(start, Math.min(itemPointerSizeBytes, end - start), `posting[${index}] ${of}`);
    }
  }
  map.claim(keyStart, end - keyStart, `key ${of}`);
}
