import type { FieldMap } from './field.ts';
import type { PageHeader } from './header.ts';
import { pageHeaderSizeBytes } from './header.ts';
import {
  indexTupleInfo,
  itemPointerSizeBytes,
  labelIndexTupleHeader,
  readItemPointerBlock,
} from './index-tuple.ts';
import type { Item } from './item.ts';
import { clearDeadMarks, labelItems } from './label-items.ts';
import { pageSizeBytes } from './page-bytes.ts';
import type { PageLayout } from './page-layout.ts';

/** sizeof(BTPageOpaqueData). */
export const btreeSpecialSizeBytes = 16;
const flagsOffset = 12;

/** btpo_flags (access/nbtree.h, 14-18) that decide what is on the page. */
const flag = { leaf: 0x0001, deleted: 0x0004, meta: 0x0008, hasGarbage: 0x0040, hasFullXid: 0x0100 } as const;
/** All bits of btpo_flags that are in use. */
export const allBtreeFlags = 0x01ff;

/** btree indexes (access/nbtree.h, 14-18). */
export const btreeLayout: PageLayout = {
  hasItems: (page, header) => {
    const flags = readFlags(page, header) ?? flag.meta;
    return (flags & flag.meta) === 0 && !isDeleted(flags);
  },
  hasFreeSpace: () => true,
  label: (page, header, map) => {
    const flags = readFlags(page, header);
    if (flags === undefined) {
      return;
    }
    map.claimAll(header.special, pageSizeBytes, [
      ['btpo_prev', 4],
      ['btpo_next', 4],
      ['btpo_level', 4],
      ['btpo_flags', 2],
      ['btpo_cycleid', 2],
    ]);
    if ((flags & flag.meta) !== 0) {
      labelMeta(map);
    } else if (isDeleted(flags)) {
      // BTDeletedPageData
      map.claim(pageHeaderSizeBytes, 8, 'safexid');
    } else {
      const isRightmost = page.readUInt32LE(header.special + 4) === 0;
      labelItems(page, header, map, (item) => {
        labelTuple(page, item, !isRightmost && item.number === 1, map);
      });
    }
  },
  clearHintBits: (page, header) => {
    const flags = readFlags(page, header) ?? 0;
    if ((flags & flag.leaf) !== 0 && !isDeleted(flags)) {
      page.writeUInt16LE(flags & ~flag.hasGarbage, header.special + flagsOffset);
      clearDeadMarks(page, header);
    }
  },
};

/** btpo_flags; undefined when there is no room for a special space where pd_special points. */
function readFlags(page: Buffer, header: PageHeader): number | undefined {
  const at = header.special;
  const fits = at >= pageHeaderSizeBytes && at + btreeSpecialSizeBytes <= pageSizeBytes;
  return fits ? page.readUInt16LE(at + flagsOffset) : undefined;
}

/** From 14 on a deleted page keeps only its BTDeletedPageData; one deleted by an older server keeps its items. */
function isDeleted(flags: number): boolean {
  return (flags & flag.deleted) !== 0 && (flags & flag.hasFullXid) !== 0;
}

/** BTMetaPageData. */
function labelMeta(map: FieldMap): void {
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

/** Bits of the offset number in t_tid when t_info says that it is no heap pointer (access/nbtree.h, 13-18). */
const isPosting = 0x2000;
const isPivotWithHeapTid = 0x1000;
const tidCountMask = 0x0fff;

function labelTuple(page: Buffer, item: Item, isHighKey: boolean, map: FieldMap): void {
  const of = `of item ${item.number}${isHighKey ? ' (high key)' : ''}`;
  const { keyStart, end, info } = labelIndexTupleHeader(page, item, of, map);
  const keyEnd = (info & indexTupleInfo.reserved) === 0 ? end : labelHeapTids(page, item, keyStart, of, map);
  map.claim(keyStart, keyEnd - keyStart, `key ${of}`);
}

/** Labels what follows the key of a tuple whose t_tid is no heap pointer; returns where the key ends. */
function labelHeapTids(page: Buffer, item: Item, keyStart: number, of: string, map: FieldMap): number {
  const end = item.offset + item.length;
  const tidOffsetNumber = page.readUInt16LE(item.offset + 4);
  if ((tidOffsetNumber & isPosting) !== 0) {
    // The block number of t_tid is where the list begins, the low bits of its offset number the count.
    const listStart = item.offset + readItemPointerBlock(page, item.offset);
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
