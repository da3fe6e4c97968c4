import type { Field } from '../field.ts';
import { gistFlag } from '../gist.ts';
import {
  btreeOffset,
  indexTupleHeaderSizeBytes,
  indexTupleInfo,
  itemPointerSizeBytes,
} from '../index-tuple.ts';
import { readItem } from '../item.ts';
import type { PageKind } from '../kind.ts';
import { datumText, textTypes } from './datum-text.ts';
import type { KeyColumn } from './key-column.ts';
import { keyDatums, type KeyDatum } from './key-datums.ts';
import { textOf, type KeyText } from './key-text.ts';

/** What an index tuple has of a column. */
export interface KeyValue {
  readonly column: string;
  readonly type: string;
  readonly collation: string | null;
  /** As a SELECT writes it; null for NULL. */
  readonly value: string | null;
  /** Of a text. */
  readonly codePoints?: readonly string[];
}

/** Where the flags of a GiST page are (GISTPageOpaqueData, access/gist.h, 14-18). */
const gistFlagsFromEnd = 4;

/**
 * The values in the key of an index tuple, by its columns: btree with pivots and posting lists, hash, GiST, and GIN's entries.
 * Undefined for fields that are no keys, for indexes whose tuples hold something else, and where the bytes do not fit the columns.
 */
export function keyValues(
  page: Buffer,
  kind: PageKind,
  { name, offset, length }: Field,
  columns: readonly KeyColumn[],
): readonly KeyValue[] | undefined {
  const [, item] = /^key of item (\d+)/.exec(name) ?? [];
  if (item === undefined || columns.length === 0) return undefined;
  const data = page.subarray(offset, offset + length);
  const datums = datumsOf(page, kind, readItem(page, Number(item)).offset, data, columns);
  return datums?.map(valueOf);
}

function datumsOf(
  page: Buffer,
  kind: PageKind,
  item: number,
  data: Buffer,
  columns: readonly KeyColumn[],
): readonly KeyDatum[] | undefined {
  const info = page.readUInt16LE(item + itemPointerSizeBytes);
  const isNull = (column: number): boolean =>
    (info & indexTupleInfo.hasNulls) !== 0 &&
    ((page[item + indexTupleHeaderSizeBytes + (column >>> 3)] ?? 0) & (1 << (column & 7))) === 0;
  const keys = columns.filter(({ isIncluded }) => !isIncluded);
  switch (kind) {
    case 'btree': {
      const offsetNumber = page.readUInt16LE(item + 4);
      const isPivot = (info & indexTupleInfo.reserved) !== 0 && (offsetNumber & btreeOffset.posting) === 0;
      return keyDatums(data, isPivot ? keys.slice(0, offsetNumber & btreeOffset.countMask) : columns, isNull);
    }
    case 'gist': {
      const isLeaf = (page.readUInt16LE(page.length - gistFlagsFromEnd) & gistFlag.leaf) !== 0;
      return keyDatums(data, isLeaf ? columns : keys, isNull);
    }
    case 'hash':
      return keyDatums(data, columns, isNull);
    case 'gin':
      return ginDatums(data, keys);
    default:
      return undefined;
  }
}

const ginNumber: KeyColumn = {
  name: 'column',
  type: 'int2',
  lengthBytes: 2,
  align: 's',
  collation: null,
  isIncluded: false,
};

/** Of an index of several columns an entry says first whose it is (GinFormTuple, access/gin/ginentrypage.c, 14-18). */
function ginDatums(data: Buffer, columns: readonly KeyColumn[]): readonly KeyDatum[] | undefined {
  if (columns.length === 1) return keyDatums(data, columns, () => false);
  const column = data.length < 2 ? undefined : columns[data.readUInt16LE(0) - 1];
  return column && keyDatums(data, [ginNumber, column], () => false)?.slice(1);
}

function valueOf({ column, bytes, isCompressed }: KeyDatum): KeyValue {
  const { name, type, collation } = column;
  const known = { column: name, type, collation };
  if (bytes === null) return { ...known, value: null };
  if (isCompressed) return { ...known, value: `compressed, ${String(bytes.length)} bytes` };
  const text = textTypes.has(type) ? textIn(type, bytes) : undefined;
  if (text !== undefined) return { ...known, value: text.text, codePoints: text.codePoints };
  return { ...known, value: datumText(type, bytes) ?? `0x${bytes.toString('hex')}` };
}

/** Of a C string, or a name, what is before the first zero. */
function textIn(type: string, bytes: Buffer): KeyText | undefined {
  const end = type === 'cstring' || type === 'name' || type === 'char' ? bytes.indexOf(0) : -1;
  return textOf(end < 0 ? bytes : bytes.subarray(0, end));
}
