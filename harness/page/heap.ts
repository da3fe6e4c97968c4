import type { FieldMap } from './field.ts';
import type { Item } from './item.ts';

/** SizeofHeapTupleHeader without padding: t_bits or user data follow. */
const tupleHeaderSizeBytes = 23;
const hasNull = 0x0001;
const attributeCountMask = 0x07ff;

/** Where the hint bits of a tuple lie: t_infomask at this offset in the tuple. */
export const infomaskOffset = 20;

/** Labels a heap tuple's header, null bitmap and data (HeapTupleHeaderData, access/htup_details.h, 14-18). */
export function labelHeapTuple(page: Buffer, item: Item, map: FieldMap, dataFields = defaultData): void {
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
  const dataStart = item.offset + page[item.offset + 22]!;
  if (dataStart < headerEnd || dataStart > end) {
    map.claim(headerEnd, end - headerEnd, `data ${of}`);
    return;
  }
  const hasBitmap = (page.readUInt16LE(item.offset + infomaskOffset) & hasNull) !== 0;
  const attributes = page.readUInt16LE(item.offset + 18) & attributeCountMask;
  const bitmapEnd = hasBitmap ? Math.min(headerEnd + Math.ceil(attributes / 8), dataStart) : headerEnd;
  map.claim(headerEnd, bitmapEnd - headerEnd, `t_bits ${of}`);
  map.claim(bitmapEnd, dataStart - bitmapEnd, `header padding ${of}`);
  const labelled = map.claimAll(
    dataStart,
    end,
    dataFields.map(([name, length]) => [`${name} ${of}`, length] as const),
  );
  map.claim(labelled, end - labelled, `data ${of}`);
}

const defaultData: readonly (readonly [name: string, length: number])[] = [];
