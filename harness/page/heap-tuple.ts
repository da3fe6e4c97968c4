import { hasSoundBounds, isNewPage, readPageHeader } from './header.ts';
import { hasStorage, readItems, type Item } from './item.ts';

/** A column of a catalog, in the order of its attributes; the types are those that catalogs have. */
export interface Column {
  readonly name: string;
  readonly type: 'oid' | 'int4' | 'bool' | 'char' | 'name' | 'text';
}

/** What a column holds; null as SQL has it, undefined when it cannot be read (compressed, out of line, cut off). */
export type ColumnValue = string | number | boolean | null | undefined;

export type HeapRow = Readonly<Record<string, ColumnValue>>;

/** SizeofHeapTupleHeader (access/htup_details.h, 14-18): the null bitmap follows. */
const tupleHeaderSizeBytes = 23;
const xmaxOffset = 4;
const infomask2Offset = 18;
const infomaskOffset = 20;
const hoffOffset = 22;
const hasNull = 0x0001;
const xmaxLockOnly = 0x0080;
const xmaxInvalid = 0x0800;
const xminFrozen = 0x0300;
const xminInvalid = 0x0200;
const attributeCountMask = 0x07ff;
const nameSizeBytes = 64;

/**
 * The live rows of a page of a catalog that is at rest in a cluster where no transaction was rolled back: a row that
 * some transaction deleted is dead. `columns` may leave out the last ones. Any bytes will do: what makes no sense is
 * left out or undefined.
 */
export function readHeapRows(page: Buffer, columns: readonly Column[]): readonly HeapRow[] {
  const header = readPageHeader(page);
  if (isNewPage(page) || !hasSoundBounds(header)) return [];
  return readItems(page, header)
    .filter((item) => item.state === 'normal' && hasStorage(item) && isLive(page, item))
    .map((item) => readRow(page, item, columns));
}

function isLive(page: Buffer, item: Item): boolean {
  if (item.length < tupleHeaderSizeBytes) return false;
  const infomask = page.readUInt16LE(item.offset + infomaskOffset);
  if ((infomask & xminFrozen) === xminInvalid) return false;
  const xmax = page.readUInt32LE(item.offset + xmaxOffset);
  return xmax === 0 || (infomask & (xmaxInvalid | xmaxLockOnly)) !== 0;
}

function readRow(page: Buffer, item: Item, columns: readonly Column[]): HeapRow {
  const tuple = page.subarray(item.offset, item.offset + item.length);
  const attributes = tuple.readUInt16LE(infomask2Offset) & attributeCountMask;
  const hasBitmap = (tuple.readUInt16LE(infomaskOffset) & hasNull) !== 0;
  const row: Record<string, ColumnValue> = {};
  const cursor = new Cursor(tuple, tuple[hoffOffset] ?? tuple.length);
  for (const [index, { name, type }] of columns.entries()) {
    const bit = (tuple[tupleHeaderSizeBytes + (index >> 3)] ?? 0) & (1 << (index & 7));
    const isNull = index >= attributes || (hasBitmap && bit === 0);
    row[name] = isNull ? null : cursor.read(type);
  }
  return row;
}

/** Walks over a tuple's data as heap_deform_tuple does; once lost, all that follows is undefined. */
class Cursor {
  readonly #tuple: Buffer;
  #at: number;
  readonly #start: number;

  constructor(tuple: Buffer, start: number) {
    this.#tuple = tuple;
    this.#start = start;
    this.#at = start;
  }

  read(type: Column['type']): ColumnValue {
    switch (type) {
      case 'oid':
        return this.#fixed(4, 4)?.readUInt32LE();
      case 'int4':
        return this.#fixed(4, 4)?.readInt32LE();
      case 'bool': {
        const byte = this.#fixed(1, 1)?.[0];
        return byte === undefined ? undefined : byte !== 0;
      }
      case 'char':
        return this.#fixed(1, 1)?.toString('latin1');
      case 'name':
        return this.#fixed(nameSizeBytes, 1)?.toString('utf8').replace(/\0.*$/s, '');
      case 'text':
        return this.#text();
    }
  }

  #fixed(size: number, alignment: number): Buffer | undefined {
    this.#align(alignment);
    return this.#take(size);
  }

  #align(alignment: number): void {
    this.#at += (alignment - ((this.#at - this.#start) % alignment)) % alignment;
  }

  #take(size: number): Buffer | undefined {
    const end = this.#at + size;
    if (size < 0 || end > this.#tuple.length) {
      this.#at = this.#tuple.length + 1;
      return undefined;
    }
    const bytes = this.#tuple.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  /** A varlena (varatt.h, little-endian): one byte of header when its lowest bit is set, else four, at a multiple of four. */
  #text(): string | undefined {
    if (this.#tuple[this.#at] === 0) this.#align(4);
    const first = this.#tuple[this.#at];
    if (first === undefined) return undefined;
    if ((first & 1) === 1) {
      const whole = this.#take(first >> 1);
      return first === 1 ? this.#lost() : whole?.toString('utf8', 1);
    }
    if (this.#at + 4 > this.#tuple.length) return this.#lost();
    const word = this.#tuple.readUInt32LE(this.#at);
    const whole = this.#take(word >>> 2);
    return (word & 3) === 0 ? whole?.toString('utf8', 4) : undefined;
  }

  #lost(): undefined {
    this.#at = this.#tuple.length + 1;
    return undefined;
  }
}
