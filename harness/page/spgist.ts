import type { FieldMap } from './field.ts';
import type { PageHeader } from './header.ts';
import { pageHeaderSizeBytes } from './header.ts';
import { indexTupleInfo, itemPointerSizeBytes } from './index-tuple.ts';
import type { Item } from './item.ts';
import { labelItems } from './label-items.ts';
import { pageSizeBytes } from './page-bytes.ts';
import type { PageLayout } from './page-layout.ts';

/** SPGIST_PAGE_ID: the last two bytes of an SP-GiST page. */
export const spgistPageId = 0xff82;

/** sizeof(SpGistPageOpaqueData). */
const specialSizeBytes = 8;
/** SPGIST_META, SPGIST_LEAF (access/spgist_private.h, 14-18). */
const flag = { meta: 0x01, leaf: 0x04 } as const;
/** SPGIST_CACHED_PAGES: pages with room that the meta page remembers. */
const cachedPages = 8;
const tupleStateMask = 0x3;

/** SP-GiST indexes (access/spgist_private.h, 14-18). */
export const spgistLayout: PageLayout = {
  hasItems: (page, header) => (readFlags(page, header) & flag.meta) === 0,
  hasFreeSpace: (page, header) => spgistLayout.hasItems(page, header) || header.lower > pageHeaderSizeBytes,
  label: (page, header, map) => {
    map.claimAll(header.special, pageSizeBytes, [
      ['flags', 2],
      ['nRedirection', 2],
      ['nPlaceholder', 2],
      ['spgist_page_id', 2],
    ]);
    const flags = readFlags(page, header);
    if ((flags & flag.meta) !== 0) {
      labelMeta(map);
      return;
    }
    const labelLive = (flags & flag.leaf) === 0 ? labelInnerTuple : labelLeafTuple;
    labelItems(page, header, map, (item) => {
      const isLive = (page[item.offset]! & tupleStateMask) === 0;
      (isLive ? labelLive : labelDeadTuple)(page, item, map);
    });
  },
};

function readFlags(page: Buffer, header: PageHeader): number {
  const fits = header.special >= pageHeaderSizeBytes && header.special + specialSizeBytes <= pageSizeBytes;
  return fits ? page.readUInt16LE(header.special) : flag.meta;
}

/** SpGistMetaPageData. */
function labelMeta(map: FieldMap): void {
  let at = pageHeaderSizeBytes;
  map.claim(at, 4, 'magicNumber');
  at += 4;
  for (let index = 0; index < cachedPages; index++) {
    at = map.claimAll(at, pageSizeBytes, [
      [`lastUsedPages[${index}].blkno`, 4],
      [`lastUsedPages[${index}].freeSpace`, 4],
    ]);
  }
}

/** SpGistDeadTupleData: a redirection, a dead tuple or a placeholder. */
function labelDeadTuple(_page: Buffer, item: Item, map: FieldMap): void {
  const of = `of item ${item.number}`;
  const end = item.offset + item.length;
  const at = map.claimAll(item.offset, end, [
    [`tupstate, size ${of}`, 4],
    [`t_info ${of}`, 2],
    [`pointer ${of}`, itemPointerSizeBytes],
    [`xid ${of}`, 4],
  ]);
  map.claim(at, end - at, `rest ${of}`);
}

/** SpGistLeafTupleData. */
function labelLeafTuple(page: Buffer, item: Item, map: FieldMap): void {
  const of = `of item ${item.number}`;
  const end = item.offset + item.length;
  const hasNulls = item.length >= 6 && (page.readUInt16LE(item.offset + 4) & indexTupleInfo.hasNulls) !== 0;
  const at = map.claimAll(item.offset, end, [
    [`tupstate, size ${of}`, 4],
    [`t_info ${of}`, 2],
    [`heapPtr ${of}`, itemPointerSizeBytes],
    [`${hasNulls ? 'null bitmap' : 'header padding'} ${of}`, 4],
  ]);
  map.claim(at, end - at, `datum ${of}`);
}

/** SpGistInnerTupleData: header, prefix, then nodes in the form of index tuples. */
function labelInnerTuple(page: Buffer, item: Item, map: FieldMap): void {
  const of = `of item ${item.number}`;
  const end = item.offset + item.length;
  if (item.length < 8) {
    map.claim(item.offset, item.length, `tuple ${of}`);
    return;
  }
  const bits = page.readUInt32LE(item.offset);
  const nodes = (bits >>> 3) & 0x1fff;
  let at = map.claimAll(item.offset, end, [
    [`tupstate, allTheSame, nNodes, prefixSize ${of}`, 4],
    [`size ${of}`, 2],
    [`header padding ${of}`, 2],
    [`prefix ${of}`, bits >>> 16],
  ]);
  for (let node = 0; node < nodes && at + 8 <= end; node++) {
    const size = page.readUInt16LE(at + itemPointerSizeBytes) & indexTupleInfo.sizeMask;
    at = map.claimAll(at, end, [
      [`t_tid of node ${node} ${of}`, itemPointerSizeBytes],
      [`t_info of node ${node} ${of}`, 2],
      [`label of node ${node} ${of}`, Math.max(0, size - 8)],
    ]);
  }
  map.claim(at, end - at, `rest ${of}`);
}
