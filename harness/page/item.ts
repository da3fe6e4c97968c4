import type { PageHeader } from './header.ts';
import { pageHeaderSizeBytes } from './header.ts';
import { pageSizeBytes } from './page-bytes.ts';

/** lp_flags (storage/itemid.h, 14-18). */
export type ItemState = 'unused' | 'normal' | 'redirect' | 'dead';

/** One line pointer (ItemIdData), numbered from 1 as PostgreSQL numbers items, and where its tuple lies. */
export interface Item {
  readonly number: number;
  /** Where the line pointer itself lies. */
  readonly pointerOffset: number;
  readonly state: ItemState;
  /** lp_off: the tuple's first byte; for a redirect the number of another item. */
  readonly offset: number;
  /** lp_len: 0 when there is no tuple. */
  readonly length: number;
}

/** Width of one line pointer in bytes. */
export const linePointerSizeBytes = 4;

const states: readonly ItemState[] = ['unused', 'normal', 'redirect', 'dead'];

/** Reads a line pointer's 32 bits; any value will do. */
export function readItem(page: Buffer, number: number): Item {
  const pointerOffset = pageHeaderSizeBytes + (number - 1) * linePointerSizeBytes;
  const bits = page.readUInt32LE(pointerOffset);
  return {
    number,
    pointerOffset,
    state: states[(bits >>> 15) & 3] ?? 'unused',
    offset: bits & 0x7fff,
    length: bits >>> 17,
  };
}

/** All line pointers of a page in order; as many as lie between the header and pd_lower, none when pd_lower cannot be right. */
export function readItems(page: Buffer, header: PageHeader): readonly Item[] {
  const end = Math.min(header.lower, pageSizeBytes);
  const count = Math.max(0, Math.floor((end - pageHeaderSizeBytes) / linePointerSizeBytes));
  return Array.from({ length: count }, (_, index) => readItem(page, index + 1));
}

/** True when the item has bytes of its own on the page and they lie wholly behind the header. */
export function hasStorage(item: Item): boolean {
  return (
    item.length > 0 &&
    item.state !== 'redirect' &&
    item.offset >= pageHeaderSizeBytes &&
    item.offset + item.length <= pageSizeBytes
  );
}
