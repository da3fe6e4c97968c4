/** Ways to spoil a page, as bugs and disks do; shares no code with harness/page. Items are counted from 1. */

const headerBytes = 24;
const unused = 0;
const normal = 1;

function pointer(page: Buffer, item: number): number {
  return page.readUInt32LE(headerBytes + 4 * (item - 1));
}

function setPointer(page: Buffer, item: number, value: number): void {
  page.writeUInt32LE(value >>> 0, headerBytes + 4 * (item - 1));
}

/** How many line pointers the page has. */
export function itemCount(page: Buffer): number {
  return Math.max(0, (page.readUInt16LE(12) - headerBytes) / 4);
}

/** The items that have storage. */
export function normalItems(page: Buffer): readonly number[] {
  return Array.from({ length: itemCount(page) }, (_, index) => index + 1).filter(
    (item) => ((pointer(page, item) >>> 15) & 3) === normal,
  );
}

/** Where an item's bytes begin. */
export function itemOffset(page: Buffer, item: number): number {
  return pointer(page, item) & 0x7fff;
}

/** Two items change places. */
export function swapItems(page: Buffer, one: number, other: number): void {
  const first = pointer(page, one);
  setPointer(page, one, pointer(page, other));
  setPointer(page, other, first);
}

/** An item of an index goes: those behind it close up. */
export function removeItem(page: Buffer, item: number): void {
  const count = itemCount(page);
  for (let next = item; next < count; next++) setPointer(page, next, pointer(page, next + 1));
  page.writeUInt16LE(page.readUInt16LE(12) - 4, 12);
}

/** An item of a table goes: its line pointer is free. */
export function freeItem(page: Buffer, item: number): void {
  setPointer(page, item, unused);
}

/** A line pointer leads to another item's bytes. */
export function pointAt(page: Buffer, item: number, target: number): void {
  setPointer(page, item, pointer(page, target));
}

/** An item's bytes, with its line pointer's length. */
export function itemBytes(page: Buffer, item: number): Buffer {
  const start = itemOffset(page, item);
  return Buffer.from(page.subarray(start, start + (pointer(page, item) >>> 17)));
}

/** An item has other bytes, put where the page is free. */
export function replaceItem(page: Buffer, item: number, bytes: Buffer): void {
  const upper = page.readUInt16LE(14) - Math.ceil(bytes.length / 8) * 8;
  if (upper < page.readUInt16LE(12)) throw new TypeError('the page is full');
  bytes.copy(page, upper);
  page.writeUInt16LE(upper, 14);
  setPointer(page, item, upper | (normal << 15) | (bytes.length << 17));
}

/** Whether no page follows a btree's page on the right. */
export function isRightmost(page: Buffer): boolean {
  return page.readUInt32LE(page.readUInt16LE(16) + 4) === 0;
}

/** Whether a btree page is a leaf that counts: BTP_LEAF, and neither root's nor deleted's bits. */
export function isPlainLeaf(page: Buffer): boolean {
  const special = page.readUInt16LE(16);
  if (special === 0 || special > 8192 - 16) return false;
  const flags = page.readUInt16LE(special + 12);
  return (flags & 0x1) !== 0 && (flags & 0x1c) === 0;
}
