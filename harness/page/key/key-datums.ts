import type { KeyColumn } from './key-column.ts';

/** A column's value as it lies in an index tuple, without the header of a varlena; null for NULL. */
export interface KeyDatum {
  readonly column: KeyColumn;
  readonly bytes: Buffer | null;
  /** A varlena that is compressed in place. */
  readonly isCompressed: boolean;
}

const alignments = { c: 1, s: 2, i: 4, d: 8 } as const;
/** MAXALIGN: as much follows the last column at most. */
const mostPaddingBytes = 7;
const longHeaderBytes = 4;

/**
 * Takes the data of an index tuple apart (index_deform_tuple, access/common/indextuple.c, 14-18); undefined where it is not
 * made of just these columns.
 */
export function keyDatums(
  data: Buffer,
  columns: readonly KeyColumn[],
  isNull: (column: number) => boolean,
): readonly KeyDatum[] | undefined {
  const datums: KeyDatum[] = [];
  let at = 0;
  for (const [number, column] of columns.entries()) {
    if (isNull(number)) {
      datums.push({ column, bytes: null, isCompressed: false });
      continue;
    }
    const place = placeOf(data, at, column);
    if (place === undefined || place.end > data.length || place.from > place.end) return undefined;
    at = place.end;
    datums.push({
      column,
      bytes: data.subarray(place.from, place.end),
      isCompressed: place.isCompressed === true,
    });
  }
  const rest = data.subarray(at);
  return rest.length <= mostPaddingBytes && rest.every((byte) => byte === 0) ? datums : undefined;
}

interface Place {
  readonly from: number;
  readonly end: number;
  readonly isCompressed?: boolean;
}

function placeOf(data: Buffer, at: number, { lengthBytes, align }: KeyColumn): Place | undefined {
  const aligned = Math.ceil(at / alignments[align]) * alignments[align];
  if (lengthBytes >= 0) return { from: aligned, end: aligned + lengthBytes };
  if (lengthBytes === -2) {
    const end = data.indexOf(0, aligned);
    return end < 0 ? undefined : { from: aligned, end: end + 1 };
  }
  // A header of one byte is not aligned, and a padding byte is zero (att_align_pointer, access/tupmacs.h).
  return varlenaPlace(data, data[at] === 0 ? aligned : at);
}

/** varatt.h (postgres.h in 14 and 15): the lowest bits of the first byte say which header it is. */
function varlenaPlace(data: Buffer, at: number): Place | undefined {
  const first = data[at];
  if (first === undefined) return undefined;
  if ((first & 1) === 1) return first === 1 ? undefined : { from: at + 1, end: at + (first >>> 1) };
  if (at + longHeaderBytes > data.length) return undefined;
  const end = at + (data.readUInt32LE(at) >>> 2);
  return { from: at + longHeaderBytes, end, isCompressed: (first & 2) === 2 };
}
