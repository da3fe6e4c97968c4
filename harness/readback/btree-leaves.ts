import { readFile } from 'node:fs/promises';

import { RedoubtError } from '../error.ts';
import { systemError } from '../host/system-error.ts';
import { btreeSpecialSizeBytes } from '../page/btree.ts';
import { readPageHeader } from '../page/header.ts';
import {
  indexTupleHeaderSizeBytes,
  indexTupleInfo,
  itemPointerSizeBytes,
  readItemPointerBlock,
} from '../page/index-tuple.ts';
import { hasStorage, type Item, readItems } from '../page/item.ts';
import { pageSizeBytes } from '../page/page-bytes.ts';

/** One row in a leaf of a btree: where its item lies, which row of the table it means, and the first key as text. */
export interface LeafEntry {
  readonly block: number;
  /** Counted from 1, as PostgreSQL counts items. */
  readonly item: number;
  /** `(0,1)`. */
  readonly row: string;
  /** Undefined for NULL, for keys that are compressed, and for what is no text. */
  readonly key: string | undefined;
}

const leafFlag = 0x0001;
const halfDeadOrDeleted = 0x0014;
const noBlock = 0;
/** t_info's reserved bit says that t_tid is no heap pointer; this bit of its offset number then says: a list of them. */
const isPosting = 0x2000;
const postingCountMask = 0x0fff;
/** VARATT_SHORT_MAX, varatt.h. */
const longestShort = 0x7f;

/**
 * The rows of a btree (majors 14 to 18) in the order of its leaves, from the file of an index at rest whose first key is
 * text. Throws `index-file-damaged` (infrastructure) when pages do not lead from one to the next.
 */
export async function readLeafEntries(path: string): Promise<readonly LeafEntry[]> {
  const file = await readFile(path).catch((error: unknown) => {
    throw systemError(`cannot read the index file ${path}`, error);
  });
  const entries: LeafEntry[] = [];
  const seen = new Set<number>();
  for (let block = leftmostLeaf(file, path); block !== noBlock;) {
    if (seen.has(block)) throw damaged(path, block, 'its leaves go round in circles');
    seen.add(block);
    const page = pageOf(file, block, path);
    const header = readPageHeader(page);
    const next = page.readUInt32LE(header.special + 4);
    const flags = page.readUInt16LE(header.special + 12);
    if ((flags & halfDeadOrDeleted) === 0)
      for (const item of readItems(page, header))
        // The first item of a leaf that has one to its right is its high key.
        if (hasStorage(item) && (next === noBlock || item.number > 1))
          entries.push(...entriesOf(page, item, block));
    block = next;
  }
  return entries;
}

function leftmostLeaf(file: Buffer, path: string): number {
  // btm_root, behind magic and version.
  let block = pageOf(file, 0, path).readUInt32LE(24 + 8);
  for (let depth = 0; block !== noBlock && depth < 32; depth += 1) {
    const page = pageOf(file, block, path);
    const header = readPageHeader(page);
    if ((page.readUInt16LE(header.special + 12) & leafFlag) !== 0) return block;
    const isRightmost = page.readUInt32LE(header.special + 4) === noBlock;
    const first = readItems(page, header)[isRightmost ? 0 : 1];
    if (first === undefined || !hasStorage(first)) throw damaged(path, block, 'it has no child');
    block = readItemPointerBlock(page, first.offset);
  }
  return noBlock;
}

function pageOf(file: Buffer, block: number, path: string): Buffer {
  const page = file.subarray(block * pageSizeBytes, (block + 1) * pageSizeBytes);
  if (page.length !== pageSizeBytes) throw damaged(path, block, 'the file ends before it');
  const { special } = readPageHeader(page);
  if (special !== pageSizeBytes - btreeSpecialSizeBytes)
    throw damaged(path, block, 'it is no page of a btree');
  return page;
}

function entriesOf(page: Buffer, item: Item, block: number): readonly LeafEntry[] {
  const info = page.readUInt16LE(item.offset + itemPointerSizeBytes);
  const key = (info & indexTupleInfo.hasNulls) === 0 ? textAt(page, item) : undefined;
  const entry = (offset: number): LeafEntry => ({
    block,
    item: item.number,
    row: `(${String(readItemPointerBlock(page, offset))},${String(page.readUInt16LE(offset + 4))})`,
    key,
  });
  const tidOffsetNumber = page.readUInt16LE(item.offset + 4);
  if ((info & indexTupleInfo.reserved) === 0 || (tidOffsetNumber & isPosting) === 0)
    return [entry(item.offset)];
  const list = item.offset + readItemPointerBlock(page, item.offset);
  const end = item.offset + item.length;
  return Array.from(
    { length: tidOffsetNumber & postingCountMask },
    (_, index) => list + index * itemPointerSizeBytes,
  )
    .filter((offset) => offset + itemPointerSizeBytes <= end)
    .map(entry);
}

/**
 * A varlena (varatt.h): one byte of length when its lowest bit is set, four otherwise, the next bit for compressed ones.
 * Short ones have the short form in an index.
 */
function textAt(page: Buffer, { offset, length }: Item): string | undefined {
  const start = offset + indexTupleHeaderSizeBytes;
  const end = offset + length;
  const head = page[start] ?? 0;
  if ((head & 1) === 1) return textBetween(page, start + 1, start + (head >> 1), end);
  if ((head & 3) !== 0 || start + 4 > end) return undefined;
  const whole = page.readUInt32LE(start) >>> 2;
  return whole > longestShort ? textBetween(page, start + 4, start + whole, end) : undefined;
}

function textBetween(page: Buffer, from: number, to: number, end: number): string | undefined {
  return from <= to && to <= end ? page.toString('utf8', from, to) : undefined;
}

function damaged(path: string, block: number, why: string): RedoubtError {
  return new RedoubtError('infrastructure', 'index-file-damaged', `${path}, block ${String(block)}: ${why}`, {
    details: { path, block },
  });
}
