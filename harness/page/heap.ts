import type { FieldMap } from './field.ts';
import { hasStorage, readItems } from './item.ts';
import type { Item } from './item.ts';
import { labelItems } from './label-items.ts';
import type { PageLayout } from './page-layout.ts';

/** SizeofHeapTupleHeader without padding: t_bits or user data follow. */
const tupleHeaderSizeBytes = 23;
const infomask2Offset = 18;
const infomaskOffset = 20;
const hoffOffset = 22;
const hasNull = 0x0001;
const attributeCountMask = 0x07ff;
/** HEAP_XMIN_COMMITTED, HEAP_XMIN_INVALID, HEAP_XMAX_COMMITTED, HEAP_XMAX_INVALID. */
const hintBits = 0x0f00;

const noColumns: readonly (readonly [name: string, length: number])[] = [];

/** Tables, TOAST tables, materialised views (access/htup_details.h, 14-18). */
export const heapLayout: PageLayout = {
  hasItems: () => true,
  hasFreeSpace: () => true,
  label: (page, header, map) => {
    labelItems(page, header, map, (item) => {
      labelHeapTuple(page, item, noColumns, map);
    });
  },
  clearHintBits: (page, header) => {
    for (const item of readItems(page, header)) {
      if (item.state === 'normal' && hasStorage(item) && item.length >= tupleHeaderSizeBytes) {
        const at = item.offset + infomaskOffset;
        page.writeUInt16LE(page.readUInt16LE(at) & ~hintBits, at);
      }
    }
  },
};

/** Labels a heap tuple's header, null bitmap and data (HeapTupleHeaderData); `columns` are fixed-size columns known by name. */
export function labelHeapTuple(
  page: Buffer,
  item: Item,
  columns: readonly (readonly [name: string, length: number])[],
  map: FieldMap,
): void {
  const of = `of item ${item.number}`;
  const end = item.offset + item.length;
  const headerEnd = map.claimAll(item.offset, end, [
    [`t_xmin ${of}`, 4],
    [`t_xmax ${of}`, 4],
    [`t_field3 (t_cid) ${of}`, 4],
    [`t_ctid ${of}`, 6],
    [`t_infomask2 ${of}`, 2],
    [`t_infomask ${of}`, 2],
    [`t_hoff ${of}`, 1],
  ]);
  if (item.length < tupleHeaderSizeBytes) {
    return;
  }
  const dataStart = item.offset + page[item.offset + hoffOffset]!;
  if (dataStart < headerEnd || dataStart > end) {
    map.claim(headerEnd, end - headerEnd, `data ${of}`);
    return;
  }
  const hasBitmap = (page.readUInt16LE(item.offset + infomaskOffset) & hasNull) !== 0;
  const attributes = page.readUInt16LE(item.offset + infomask2Offset) & attributeCountMask;
  const bitmapEnd = hasBitmap ? Math.min(headerEnd + Math.ceil(attributes / 8), dataStart) : headerEnd;
  map.claim(headerEnd, bitmapEnd - headerEnd, `t_bits ${of}`);
  map.claim(bitmapEnd, dataStart - bitmapEnd, `header padding ${of}`);
  const named = columns.map(([name, length]) => [`${name} ${of}`, length] as const);
  const labelled = map.claimAll(dataStart, end, named);
  map.claim(labelled, end - labelled, `data ${of}`);
}
