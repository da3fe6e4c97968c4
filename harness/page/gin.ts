import type { FieldMap } from './field.ts';
import type { PageHeader } from './header.ts';
import { pageHeaderSizeBytes } from './header.ts';
import { itemPointerSizeBytes, labelIndexTupleHeader, readItemPointerBlock } from './index-tuple.ts';
import type { Item } from './item.ts';
import { labelItems } from './label-items.ts';
import { pageSizeBytes } from './page-bytes.ts';
import type { PageLayout } from './page-layout.ts';

/** sizeof(GinPageOpaqueData). */
const specialSizeBytes = 8;
const maxoffOffset = 4;
const flagsOffset = 6;
/** GIN_DATA and so on (access/ginblock.h, 14-18). */
const flag = { data: 0x01, leaf: 0x02, deleted: 0x04, meta: 0x08, list: 0x10, compressed: 0x80 } as const;
/** All flag bits that are in use. */
export const allGinFlags = 0x00ff;

/** Behind the right bound of a posting-tree page, aligned to 8. */
const postingDataOffset = pageHeaderSizeBytes + 8;
const postingItemSizeBytes = 10;

/** GIN indexes: meta page, entry tree, posting trees, pending list (access/ginblock.h, 14-18). */
export const ginLayout: PageLayout = {
  hasItems: (page, header) => (readFlags(page, header) & (flag.data | flag.meta)) === 0,
  hasFreeSpace: (page, header) => ginLayout.hasItems(page, header) || header.lower > pageHeaderSizeBytes,
  label: (page, header, map) => {
    map.claimAll(header.special, pageSizeBytes, [
      ['rightlink', 4],
      ['maxoff', 2],
      ['flags', 2],
    ]);
    const flags = readFlags(page, header);
    if ((flags & flag.meta) !== 0) {
      labelMeta(map);
    } else if ((flags & flag.data) !== 0) {
      labelPostingTreePage(page, header, flags, map);
    } else {
      const isEntryLeaf = (flags & flag.leaf) !== 0 && (flags & flag.list) === 0;
      labelItems(page, header, map, (item) => {
        labelEntry(page, item, isEntryLeaf, map);
      });
    }
  },
};

function readFlags(page: Buffer, header: PageHeader): number {
  const fits = header.special >= pageHeaderSizeBytes && header.special + specialSizeBytes <= pageSizeBytes;
  return fits ? page.readUInt16LE(header.special + flagsOffset) : flag.meta;
}

/** GinMetaPageData. */
function labelMeta(map: FieldMap): void {
  map.claimAll(pageHeaderSizeBytes, pageSizeBytes, [
    ['head', 4],
    ['tail', 4],
    ['tailFreeSize', 4],
    ['nPendingPages', 4],
    ['nPendingHeapTuples', 8],
    ['nTotalPages', 4],
    ['nEntryPages', 4],
    ['nDataPages', 4],
    ['padding of GinMetaPageData', 4],
    ['nEntries', 8],
    ['ginVersion', 4],
    ['padding of GinMetaPageData', 4],
  ]);
}

/** Posting trees hold no items: leaves hold compressed lists of heap pointers, inner pages PostingItems. */
function labelPostingTreePage(page: Buffer, header: PageHeader, flags: number, map: FieldMap): void {
  map.claim(pageHeaderSizeBytes, itemPointerSizeBytes, 'right bound');
  map.claim(pageHeaderSizeBytes + itemPointerSizeBytes, 2, 'padding of the right bound');
  const end = Math.min(header.lower, header.special);
  if ((flags & flag.leaf) === 0) {
    const count = page.readUInt16LE(header.special + maxoffOffset);
    for (let index = 0; index < count; index++) {
      map.claimAll(postingDataOffset + index * postingItemSizeBytes, header.special, [
        [`child_blkno of posting item ${index + 1}`, 4],
        [`key of posting item ${index + 1}`, itemPointerSizeBytes],
      ]);
    }
    return;
  }
  if ((flags & flag.compressed) === 0) {
    map.claim(postingDataOffset, end - postingDataOffset, 'uncompressed heap pointers');
    return;
  }
  for (let at = postingDataOffset, list = 1; at + 8 <= end; list++) {
    const byteCount = page.readUInt16LE(at + itemPointerSizeBytes);
    at = map.claimAll(at, end, [
      [`first of posting list ${list}`, itemPointerSizeBytes],
      [`nbytes of posting list ${list}`, 2],
      [`bytes of posting list ${list}`, byteCount],
      [`padding of posting list ${list}`, byteCount & 1],
    ]);
  }
}

/** In t_tid's block number on entry leaves: the posting list is compressed; the other bits are where it begins. */
const isCompressed = 0x8000_0000;
/** In t_tid's offset number: the heap pointers are in a posting tree of their own. */
const isPostingTree = 0xffff;

function labelEntry(page: Buffer, item: Item, isEntryLeaf: boolean, map: FieldMap): void {
  const of = `of item ${item.number}`;
  const { keyStart, end, info } = labelIndexTupleHeader(page, item, of, map);
  let keyEnd = end;
  if (isEntryLeaf && info !== 0 && page.readUInt16LE(item.offset + 4) !== isPostingTree) {
    const block = readItemPointerBlock(page, item.offset);
    const listStart = item.offset + (block >= isCompressed ? block - isCompressed : block);
    if (listStart >= keyStart && listStart <= end) {
      map.claim(listStart, end - listStart, `posting list ${of}`);
      keyEnd = listStart;
    }
  }
  map.claim(keyStart, keyEnd - keyStart, `key ${of}`);
}
