/** Builds pages for tests, sharing no code with harness/page: 8 KiB, little-endian, layout version 4. */

export interface TupleSpec {
  readonly bytes: Buffer;
  /** lp_flags: 1 normal (the default), 2 redirect, 3 dead. */
  readonly flags?: number;
}

export interface PageSpec {
  readonly lsn?: bigint;
  readonly checksum?: number;
  readonly flags?: number;
  readonly pruneXid?: number;
  readonly special?: Buffer;
  readonly tuples?: readonly TupleSpec[];
  /** Overrides pd_lower, as pages do that keep something else behind the header. */
  readonly lower?: number;
  readonly content?: Buffer;
}

/** Line pointers from the front, tuples from the back, each aligned to 8. */
export function buildPage(spec: PageSpec): Buffer {
  const page = Buffer.alloc(8192);
  const lsn = spec.lsn ?? 0x12_3456_7890n;
  const special = spec.special ?? Buffer.alloc(0);
  const tuples = spec.tuples ?? [];
  page.writeUInt32LE(Number(lsn >> 32n), 0);
  page.writeUInt32LE(Number(lsn & 0xffff_ffffn), 4);
  page.writeUInt16LE(spec.checksum ?? 0, 8);
  page.writeUInt16LE(spec.flags ?? 0, 10);
  page.writeUInt16LE(8192 - special.length, 16);
  page.writeUInt16LE(0x2004, 18);
  page.writeUInt32LE(spec.pruneXid ?? 0, 20);
  special.copy(page, 8192 - special.length);
  let upper = 8192 - special.length;
  for (const [index, { bytes, flags = 1 }] of tuples.entries()) {
    upper -= Math.ceil(bytes.length / 8) * 8;
    bytes.copy(page, upper);
    page.writeUInt32LE((upper | (flags << 15) | (bytes.length << 17)) >>> 0, 24 + 4 * index);
  }
  page.writeUInt16LE(spec.lower ?? 24 + 4 * tuples.length, 12);
  page.writeUInt16LE(upper, 14);
  spec.content?.copy(page, 24);
  return page;
}

export interface HeapTupleSpec {
  readonly xmin?: number;
  readonly xmax?: number;
  readonly infomask?: number;
  readonly infomask2?: number;
  readonly bitmap?: Buffer;
  readonly data: Buffer;
}

/** A heap tuple: 23 bytes of header, null bitmap, padding to 8, data. */
export function heapTuple(spec: HeapTupleSpec): Buffer {
  const bitmap = spec.bitmap ?? Buffer.alloc(0);
  const hoff = Math.ceil((23 + bitmap.length) / 8) * 8;
  const header = Buffer.alloc(hoff);
  header.writeUInt32LE(spec.xmin ?? 700, 0);
  header.writeUInt32LE(spec.xmax ?? 0, 4);
  header.writeUInt16LE(spec.infomask2 ?? 2, 18);
  header.writeUInt16LE((spec.infomask ?? 0) | (bitmap.length > 0 ? 1 : 0), 20);
  header.writeUInt8(hoff, 22);
  bitmap.copy(header, 23);
  return Buffer.concat([header, spec.data]);
}

/** A btree page's special space. */
export function btreeSpecial(prev: number, next: number, level: number, flags: number, cycleId = 0): Buffer {
  const special = Buffer.alloc(16);
  special.writeUInt32LE(prev, 0);
  special.writeUInt32LE(next, 4);
  special.writeUInt32LE(level, 8);
  special.writeUInt16LE(flags, 12);
  special.writeUInt16LE(cycleId, 14);
  return special;
}

/** An index tuple pointing at (block, offset). */
export function indexTuple(block: number, offset: number, key: Buffer, infoBits = 0): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16LE(block >>> 16, 0);
  header.writeUInt16LE(block & 0xffff, 2);
  header.writeUInt16LE(offset, 4);
  header.writeUInt16LE((8 + key.length) | infoBits, 6);
  return Buffer.concat([header, key]);
}

/** A deduplicated index tuple: its key, then the heap pointers. */
export function postingTuple(key: Buffer, pointers: number): Buffer {
  const list = Buffer.alloc(6 * pointers, 0x11);
  return indexTuple(8 + key.length, 0x2000 | pointers, Buffer.concat([key, list]), 0x2000);
}

/** A heap page with a few tuples. */
export function heapPage(spec: Omit<PageSpec, 'tuples'> = {}, tuples = ['one', 'two-two', 'three']): Buffer {
  return buildPage({
    ...spec,
    tuples: tuples.map((text) => ({ bytes: heapTuple({ data: Buffer.from(text) }) })),
  });
}

/** A btree leaf with a high key and two items. */
export function btreeLeaf(spec: Omit<PageSpec, 'tuples' | 'special'> = {}, flags = 1): Buffer {
  return buildPage({
    ...spec,
    special: btreeSpecial(3, 5, 0, flags),
    tuples: ['high', 'k1', 'k2'].map((key, index) => ({
      bytes: indexTuple(9, index, Buffer.from(key.padEnd(8))),
    })),
  });
}
