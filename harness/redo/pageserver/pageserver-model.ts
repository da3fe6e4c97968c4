import { isNewPage } from '../../page/header.ts';

/*
 * What a pageserver does to pages without walredo, named after its own terms (neon: pageserver/src/walingest.rs,
 * walredo/apply_neon.rs): it clears visibility map bits and truncates maps itself, since heap records imply that without
 * naming the page. Where newer minors do name it, the record is the page's value at that LSN, put over what it would have
 * cleared itself, and walredo redoes it. Layout of a map page: src/backend/access/heap/visibilitymap.c, majors 14-18.
 */

const pageHeaderBytes = 24;
const pageBytes = 8192;
const bitsPerHeapBlock = 2;
const heapBlocksPerByte = 8 / bitsPerHeapBlock;

/** Heap blocks whose bits fit into one page of the visibility map. */
export const heapBlocksPerMapPage = (pageBytes - pageHeaderBytes) * heapBlocksPerByte;

export const allVisible = 0x01;
export const allFrozen = 0x02;
export const allVisibilityBits = allVisible | allFrozen;

/** The page of the map, and the place in it, that has a heap block's bits. */
export function mapPosition(heapBlock: number): {
  readonly mapBlock: number;
  readonly byteOffset: number;
  readonly shift: number;
} {
  const within = heapBlock % heapBlocksPerMapPage;
  return {
    mapBlock: Math.floor(heapBlock / heapBlocksPerMapPage),
    byteOffset: pageHeaderBytes + Math.floor(within / heapBlocksPerByte),
    shift: (within % heapBlocksPerByte) * bitsPerHeapBlock,
  };
}

/** ClearVisibilityMapFlags: clears `bits` of a heap block on the map page that has them; the page's LSN stays. */
export function clearVisibilityMapFlags(page: Buffer, heapBlock: number, bits: number): void {
  const { byteOffset, shift } = mapPosition(heapBlock);
  page[byteOffset] = (page[byteOffset] ?? 0) & ~(bits << shift);
}

/**
 * What redo of heap2 VISIBLE does to the map page (heap_xlog_visible, visibilitymap_set): makes a new page, adds the bits,
 * and moves the page's LSN only if they were not just these before.
 */
export function setVisibilityMapFlags(page: Buffer, heapBlock: number, bits: number, endLsn: number): void {
  if (isNewPage(page)) initialise(page);
  const { byteOffset, shift } = mapPosition(heapBlock);
  const before = ((page[byteOffset] ?? 0) >>> shift) & allVisibilityBits;
  if (before === bits) return;
  page[byteOffset] = (page[byteOffset] ?? 0) | (bits << shift);
  writePageLsn(page, endLsn);
}

/** Truncation of the heap to `heapBlocks`: the bits of the blocks behind it are cleared on the map page that stays. */
export function truncateVisibilityMap(page: Buffer, heapBlocks: number): void {
  const { byteOffset, shift } = mapPosition(heapBlocks);
  const kept = (1 << shift) - 1;
  page[byteOffset] = (page[byteOffset] ?? 0) & kept;
  page.fill(0, byteOffset + 1);
}

/** Sets the LSN in a page header. */
export function writePageLsn(page: Buffer, lsn: number): void {
  page.writeUInt32LE(Math.floor(lsn / 0x1_0000_0000), 0);
  page.writeUInt32LE(lsn % 0x1_0000_0000, 4);
}

/** PageInit of a page without special space: pd_lower, pd_upper, pd_special, pd_pagesize_version. */
function initialise(page: Buffer): void {
  page.fill(0);
  page.writeUInt16LE(pageHeaderBytes, 12);
  page.writeUInt16LE(pageBytes, 14);
  page.writeUInt16LE(pageBytes, 16);
  page.writeUInt16LE(pageBytes | 4, 18);
}
