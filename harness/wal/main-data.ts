import { readUint32 } from './bytes.ts';
import { walCorrupt } from './corruption.ts';
import type { DecodedRecord } from './decode.ts';
import type { RawRecord } from './raw-record.ts';

/** One relation's storage, whatever its forks: tablespace, database, relfilenumber (RelFileNode up to 15, RelFileLocator from 16). */
export interface RelFileLocator {
  readonly spcOid: number;
  readonly dbOid: number;
  readonly relNumber: number;
}

/** Reads a record's main data field by field, in order; every read is bounded and throws `wal-corrupt-main-data` with the field's name. */
export class MainDataReader {
  readonly #raw: RawRecord;
  readonly #end: number;
  #at: number;

  constructor(raw: RawRecord, decoded: DecodedRecord) {
    this.#raw = raw;
    this.#at = decoded.mainDataOffset;
    this.#end = decoded.mainDataOffset + decoded.mainDataLength;
  }

  uint32(field: string): number {
    return readUint32(this.#raw.bytes, this.#take(4, field));
  }

  /** A signed count that must not be negative and whose items of `itemSizeBytes` must fit in what is left. */
  count(field: string, itemSizeBytes: number): number {
    const at = this.#at;
    const count = this.uint32(field);
    if (count * itemSizeBytes > this.#end - this.#at) {
      throw this.#corrupt(at, field, `${count} items do not fit in the ${this.#end - this.#at} bytes left`);
    }
    return count;
  }

  relFileLocator(field: string): RelFileLocator {
    const at = this.#take(12, field);
    const { bytes } = this.#raw;
    return {
      spcOid: readUint32(bytes, at),
      dbOid: readUint32(bytes, at + 4),
      relNumber: readUint32(bytes, at + 8),
    };
  }

  /** A text that ends with a zero byte. */
  text(field: string): string {
    const start = this.#at;
    const end = this.#raw.bytes.indexOf(0, start);
    if (end < 0 || end >= this.#end) {
      throw this.#corrupt(start, field, 'the text has no end');
    }
    this.#at = end + 1;
    return this.#raw.bytes.toString('utf8', start, end);
  }

  /** A copy of the next `sizeBytes` bytes. */
  bytes(sizeBytes: number, field: string): Buffer {
    const at = this.#take(sizeBytes, field);
    return Buffer.from(this.#raw.bytes.subarray(at, at + sizeBytes));
  }

  skip(sizeBytes: number, field: string): void {
    this.#take(sizeBytes, field);
  }

  #take(sizeBytes: number, field: string): number {
    const at = this.#at;
    if (sizeBytes > this.#end - at) {
      throw this.#corrupt(at, field, `${sizeBytes} bytes are needed, ${this.#end - at} are left`);
    }
    this.#at = at + sizeBytes;
    return at;
  }

  #corrupt(at: number, field: string, problem: string): Error {
    return walCorrupt('main-data', problem, {
      lsn: this.#raw.startLsn,
      field,
      recordOffset: at - this.#raw.offset,
    });
  }
}
