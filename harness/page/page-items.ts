import { btreeFlags, readBtreeOpaque } from './btree.ts';
import type { PageHeader } from './header.ts';
import { readItems } from './item.ts';
import type { Item } from './item.ts';
import type { PageKind } from './kind.ts';

/** The items of a page of a kind that has some; none on map pages, new pages, and btree's meta and deleted pages, where other things follow the header. */
export function itemsOf(page: Buffer, header: PageHeader, kind: PageKind): readonly Item[] {
  if (header.upper === 0) {
    return [];
  }
  switch (kind) {
    case 'heap':
    case 'sequence':
      return readItems(page, header);
    case 'btree': {
      const flags = readBtreeOpaque(page, header)?.flags ?? btreeFlags.meta;
      const keepsOther =
        (flags & btreeFlags.meta) !== 0 ||
        ((flags & btreeFlags.deleted) !== 0 && (flags & btreeFlags.hasFullXid) !== 0);
      return keepsOther ? [] : readItems(page, header);
    }
    case 'visibility-map':
    case 'free-space-map':
    case 'other':
      return [];
  }
}
