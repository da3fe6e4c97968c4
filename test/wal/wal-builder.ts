/**
 * Writes WAL from nothing, for tests: shares no code and no constants with harness/wal, so that a misreading there
 * cannot hide here. Little-endian, 8 KiB WAL pages.
 */

const pageSize = 8192;

/** Page magic by major, from src/include/access/xlog_internal.h of each. */
const magics: Readonly<Record<number, number>> = {
  14: 0xd10d,
  15: 0xd110,
  16: 0xd113,
  17: 0xd116,
  18: 0xd118,
};

export interface ImageSpec {
  readonly stored: Buffer;
  readonly holeOffset?: number;
  /** Written only with `hasHole` and `compressed`. */
  readonly holeLength?: number;
  /** bimg_info as it is to be written. */
  readonly info: number;
}

export interface BlockSpec {
  readonly id: number;
  readonly fork?: number;
  /** Tablespace, database, relation; left out: same as the block before. */
  readonly relation?: readonly [number, number, number];
  readonly block: number;
  readonly willInit?: boolean;
  readonly data?: Buffer;
  readonly image?: ImageSpec;
}

export interface RecordSpec {
  readonly rmgrId: number;
  readonly info?: number;
  readonly xid?: number;
  readonly blocks?: readonly BlockSpec[];
  readonly main?: Buffer;
  readonly origin?: number;
  readonly topXid?: number;
  /** Writes the long data header even for short data. */
  readonly longHeader?: boolean;
}

/** CRC-32C bit by bit. */
export function slowCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** One whole record; `prev` goes into xl_prev. */
export function buildRecord(spec: RecordSpec, prev = 0n): Buffer {
  const headers: Buffer[] = [];
  const data: Buffer[] = [];
  for (const block of spec.blocks ?? []) {
    const { image } = block;
    const flags =
      (block.fork ?? 0) |
      (image ? 0x10 : 0) |
      (block.data ? 0x20 : 0) |
      (block.willInit ? 0x40 : 0) |
      (block.relation ? 0 : 0x80);
    headers.push(Buffer.of(block.id, flags), u16(block.data?.length ?? 0));
    if (image) {
      headers.push(u16(image.stored.length), u16(image.holeOffset ?? 0), Buffer.of(image.info));
      if (image.holeLength !== undefined) headers.push(u16(image.holeLength));
      data.push(image.stored);
    }
    if (block.relation) headers.push(...block.relation.map(u32));
    headers.push(u32(block.block));
    if (block.data) data.push(block.data);
  }
  if (spec.origin !== undefined) headers.push(Buffer.of(253), u16(spec.origin));
  if (spec.topXid !== undefined) headers.push(Buffer.of(252), u32(spec.topXid));
  const main = spec.main ?? Buffer.alloc(0);
  if (main.length > 255 || spec.longHeader === true) headers.push(Buffer.of(254), u32(main.length));
  else if (main.length > 0) headers.push(Buffer.of(255, main.length));
  const body = Buffer.concat([...headers, ...data, main]);
  return sealRecord(spec, body, prev);
}

/** A record of the given header and body with the right length and CRC, whatever the body says. */
export function sealRecord(spec: RecordSpec, body: Buffer, prev = 0n): Buffer {
  const record = Buffer.concat([Buffer.alloc(24), body]);
  record.writeUInt32LE(record.length, 0);
  record.writeUInt32LE(spec.xid ?? 0, 4);
  record.writeBigUInt64LE(prev, 8);
  record.writeUInt8(spec.info ?? 0, 16);
  record.writeUInt8(spec.rmgrId, 17);
  record.writeUInt32LE(slowCrc32c(Buffer.concat([record.subarray(24), record.subarray(0, 20)])), 20);
  return record;
}

/** XLOG_OVERWRITE_CONTRECORD for a record that was lost at `lost`. */
export function overwriteContrecord(lost: number): RecordSpec {
  return { rmgrId: 0, info: 0xd0, main: Buffer.concat([u64(BigInt(lost)), u64(0n)]) };
}

export interface BuiltRecord {
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
}

export interface WalBuilderOptions {
  readonly major?: number;
  readonly timeline?: number;
  readonly systemIdentifier?: bigint;
  readonly segmentSize?: number;
  /** Must be a segment's start. */
  readonly start?: number;
}

/** Lays records into pages and segments as XLogInsert does. */
export class WalBuilder {
  readonly records: BuiltRecord[] = [];
  readonly segmentSize: number;
  readonly start: number;
  timeline: number;
  #bytes: Buffer;
  #at = 0;
  #last = 0;
  readonly #magic: number;
  readonly #systemIdentifier: bigint;

  constructor(options: WalBuilderOptions = {}) {
    this.segmentSize = options.segmentSize ?? 1024 * 1024;
    this.start = options.start ?? this.segmentSize;
    this.timeline = options.timeline ?? 1;
    this.#magic = magics[options.major ?? 17] ?? 0;
    this.#systemIdentifier = options.systemIdentifier ?? 0x1234_5678_9abc_def0n;
    this.#bytes = Buffer.alloc(this.segmentSize);
  }

  /** Where the next byte goes; a page boundary stands for itself. */
  get position(): number {
    return this.start + this.#at;
  }

  /** Adds a record; `stop` keeps only so many of its bytes, as when the server dies in the middle. */
  append(spec: RecordSpec, stop = Infinity): BuiltRecord {
    if (this.#at % pageSize === 0) this.#pageHeader(0, 0);
    const start = this.position;
    const bytes = buildRecord(spec, BigInt(this.#last));
    const written = Math.min(stop, bytes.length);
    for (let done = 0; done < written;) {
      if (this.#at % pageSize === 0) this.#pageHeader(1, bytes.length - done);
      const piece = Math.min(written - done, pageSize - (this.#at % pageSize));
      bytes.copy(this.#room(piece), this.#at, done, done + piece);
      this.#at += piece;
      done += piece;
    }
    this.#at = Math.ceil(this.#at / 8) * 8;
    const record = { start, end: this.position, bytes };
    if (written === bytes.length) {
      this.records.push(record);
      this.#last = start;
    }
    return record;
  }

  /** Opens the next page with XLP_FIRST_IS_OVERWRITE_CONTRECORD, then adds a record: by right the one that names the lost one. */
  overwrite(lost: number, spec = overwriteContrecord(lost)): BuiltRecord {
    this.#at = Math.ceil(this.#at / pageSize) * pageSize;
    this.#pageHeader(8, 0);
    return this.append(spec);
  }

  /** XLOG_SWITCH: the rest of the segment is padding. */
  switchSegment(): BuiltRecord {
    const record = this.append({ rmgrId: 0, info: 0x40 });
    this.#at = Math.ceil(this.#at / this.segmentSize) * this.segmentSize;
    const end = this.position;
    const switched = { ...record, end };
    this.records[this.records.length - 1] = switched;
    return switched;
  }

  /** Adds NOOP records with `size` bytes of data until `position` is at least `target`. */
  fillTo(target: number, size = 100): void {
    while (this.position < target) this.append({ rmgrId: 0, info: 0x20, main: Buffer.alloc(size, 0x5a) });
  }

  /** Everything written, zeros after it to the end of the segment. */
  bytes(): Buffer {
    return this.#bytes;
  }

  /** A SegmentSource over `bytes` (by default what was built). */
  source(bytes = this.#bytes): (segmentNumber: number) => Buffer | undefined {
    return (segmentNumber) => {
      const offset = segmentNumber * this.segmentSize - this.start;
      return offset < 0 || offset >= bytes.length
        ? undefined
        : bytes.subarray(offset, offset + this.segmentSize);
    };
  }

  #pageHeader(info: number, remaining: number): void {
    const isLong = this.#at % this.segmentSize === 0;
    const bytes = this.#room(isLong ? 40 : 24);
    const at = this.#at;
    bytes.writeUInt16LE(this.#magic, at);
    bytes.writeUInt16LE(info | (isLong ? 2 : 0), at + 2);
    bytes.writeUInt32LE(this.timeline, at + 4);
    bytes.writeBigUInt64LE(BigInt(this.position), at + 8);
    bytes.writeUInt32LE(remaining, at + 16);
    if (isLong) {
      bytes.writeBigUInt64LE(this.#systemIdentifier, at + 24);
      bytes.writeUInt32LE(this.segmentSize, at + 32);
      bytes.writeUInt32LE(pageSize, at + 36);
    }
    this.#at += isLong ? 40 : 24;
  }

  #room(size: number): Buffer {
    while (this.#at + size > this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(this.segmentSize)]);
    }
    return this.#bytes;
  }
}

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

export function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}
