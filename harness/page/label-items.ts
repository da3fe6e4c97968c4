import type { FieldMap } from './field.ts';
import type { PageHeader } from './header.ts';
import { hasStorage, linePointerSizeBytes, readItems } from './item.ts';
import type { Item } from './item.ts';

/** Labels the line pointers, then each tuple by `labelTuple`, then the bytes that align each tuple to 8. */
export function labelItems(
  page: Buffer,
  header: PageHeader,
  map: FieldMap,
  labelTuple: (item: Item) => void,
): void {
  const items = readItems(page, header);
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

/** lp_flags in a line pointer: LP_DEAD is both bits, LP_NORMAL the lower one. */
const deadMark = 0x2 << 15;

/** Makes LP_DEAD line pointers that still have their tuple LP_NORMAL, in place: index scans set that mark without WAL. */
export function clearDeadMarks(page: Buffer, header: PageHeader): void {
  for (const item of readItems(page, header)) {
    if (item.state === 'dead' && hasStorage(item)) {
      page.writeUInt32LE((page.readUInt32LE(item.pointerOffset) & ~deadMark) >>> 0, item.pointerOffset);
    }
  }
}
