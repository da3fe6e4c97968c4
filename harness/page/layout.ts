import {
  btreeFlags,
  labelBtreeDeleted,
  labelBtreeMeta,
  labelBtreeOpaque,
  labelBtreeTuple,
  readBtreeOpaque,
} from './btree.ts';
import { FieldMap } from './field.ts';
import type { Field } from './field.ts';
import type { PageHeader } from './header.ts';
import { hasSoundBounds, isNewPage, readPageHeader } from './header.ts';
import { labelHeapTuple } from './heap.ts';
import { hasStorage, linePointerSizeBytes } from './item.ts';
import type { Item } from './item.ts';
import type { PageKind } from './kind.ts';
import { itemsOf } from './page-items.ts';
import { labelFreeSpaceMap, labelVisibilityMap } from './map-page.ts';
import { pageSizeBytes, requirePage } from './page-bytes.ts';
import { sequenceColumns } from './sequence.ts';

/**
 * Labels every byte of a page with PostgreSQL's own field names: ranges in order of offset, without gap or overlap.
 * Never fails on damaged content: what makes no sense is labelled less finely. Throws `page-size-invalid`.
 */
export function layoutOf(page: Buffer, kind: PageKind): readonly Field[] {
  requirePage(page);
  const map = new FieldMap();
  if (isNewPage(page)) {
    labelHeader(map);
    return map.fields('new page');
  }
  const header = readPageHeader(page);
  labelHeader(map);
  labelContent(page, header, kind, map);
  if (kind !== 'visibility-map' && kind !== 'free-space-map' && hasSoundBounds(header)) {
    map.claim(header.lower, header.upper - header.lower, 'free space');
    map.claim(header.special, pageSizeBytes - header.special, 'special space');
  }
  return map.fields(kind === 'other' ? 'content' : 'no field');
}

/** The field that holds the byte at `offset` (0 to 8,191). Throws `page-size-invalid`. */
export function field(page: Buffer, kind: PageKind, offset: number): Field | undefined {
  return layoutOf(page, kind).find((one) => offset >= one.offset && offset < one.offset + one.length);
}

function labelHeader(map: FieldMap): void {
  map.claimAll(0, pageSizeBytes, [
    ['pd_lsn', 8],
    ['pd_checksum', 2],
    ['pd_flags', 2],
    ['pd_lower', 2],
    ['pd_upper', 2],
    ['pd_special', 2],
    ['pd_pagesize_version', 2],
    ['pd_prune_xid', 4],
  ]);
}

function labelContent(page: Buffer, header: PageHeader, kind: PageKind, map: FieldMap): void {
  const items = itemsOf(page, header, kind);
  switch (kind) {
    case 'heap':
      labelItems(items, map, (item) => {
        labelHeapTuple(page, item, map);
      });
      return;
    case 'sequence':
      map.claim(header.special, 4, 'magic');
      labelItems(items, map, (item) => {
        labelHeapTuple(page, item, map, sequenceColumns);
      });
      return;
    case 'btree':
      labelBtree(page, header, items, map);
      return;
    case 'visibility-map':
      labelVisibilityMap(map);
      return;
    case 'free-space-map':
      labelFreeSpaceMap(map);
      return;
    case 'other':
      return;
  }
}

function labelBtree(page: Buffer, header: PageHeader, items: readonly Item[], map: FieldMap): void {
  const opaque = readBtreeOpaque(page, header);
  if (opaque === undefined) {
    return;
  }
  labelBtreeOpaque(header, map);
  if ((opaque.flags & btreeFlags.meta) !== 0) {
    labelBtreeMeta(map);
  } else if ((opaque.flags & btreeFlags.deleted) !== 0 && (opaque.flags & btreeFlags.hasFullXid) !== 0) {
    labelBtreeDeleted(map);
  } else {
    const firstIsHighKey = opaque.next !== 0;
    labelItems(items, map, (item) => {
      labelBtreeTuple(page, item, firstIsHighKey && item.number === 1, map);
    });
  }
}

/** Line pointers, then the tuples, then the bytes that align each tuple to 8. */
function labelItems(items: readonly Item[], map: FieldMap, labelTuple: (item: Item) => void): void {
  for (const item of items) {
    map.claim(item.pointerOffset, linePointerSizeBytes, `pd_linp of item ${item.number}`);
  }
  const stored = items.filter(hasStorage);
  for (const item of stored) {
    labelTuple(item);
  }
  for (const item of stored) {
    const end = item.offset + item.length;
    map.claim(end, -end & 7, `padding after item ${item.number}`);
  }
}
