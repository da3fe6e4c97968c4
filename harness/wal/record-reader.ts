import { RedoubtError } from '../error.ts';
import { readLsn, readLsnText, readUint16, readUint32 } from './bytes.ts';
import { recordCrc32c } from './crc32c.ts';
import { formatLsn } from './lsn.ts';
import type { Lsn } from './lsn.ts';
import {
  longPageHeaderSizeBytes,
  pageInfo,
  shortPageHeaderSizeBytes,
  walPageSizeBytes,
} from './page-header.ts';
import { alignUp8, recordHeaderSizeBytes, recordMaxSizeBytes } from './raw-record.ts';
import type { RawRecord } from './raw-record.ts';
import { SegmentCursor } from './segment-cursor.ts';
import type { SegmentSource, TimelineSwitch } from './segment-cursor.ts';
import { checkSegmentSize, defaultSegmentSizeBytes } from './segment.ts';
import { walFormat } from './wal-format.ts';
import { allocateWords } from './words.ts';

export type { RawRecord } from './raw-record.ts';
export type { SegmentSource, TimelineSwitch } from './segment-cursor.ts';

export interface RecordReaderOptions {
  readonly source: SegmentSource;
  readonly major: number;
  readonly timeline: number;
  /** Ancestors of `timeline`, oldest first; none by default. */
  readonly history?: readonly TimelineSwitch[];
  /** The start of a record, or a page boundary at which one starts. */
  readonly startLsn: Lsn;
  /** Every record that starts before this is returned, none that starts here or later. */
  readonly endLsn: Lsn;
  readonly segmentSizeBytes?: number;
  /** True by default; false when another reader of the same WAL checks the CRCs. All else is checked all the same. */
  readonly checksCrc?: boolean;
  /** The cluster's id; when left out, all segments must merely agree. */
  readonly systemIdentifier?: bigint;
}

const xlogRmgrId = 0;
const xlogSwitch = 0x40;
const xlogOverwriteContrecord = 0xd0;
/** Header, short data header, xl_overwrite_contrecord (two 8-byte fields). */
const overwriteContrecordSizeBytes = recordHeaderSizeBytes + 2 + 16;
const lastBuiltInRmgrId = 21;
const firstCustomRmgrId = 128;
const pageOffsetMask = walPageSizeBytes - 1;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Reads WAL records one after the other and checks all that the format lets one check: page headers, continuations,
 * lengths, resource manager ids, prev-links, CRCs (xlogreader.c, 14-18). Bytes in, values out; a record inside one page
 * is a view of the segment, one that crosses pages is copied into a buffer that is reused.
 */
export class RecordReader {
  readonly #cursor: SegmentCursor;
  readonly #startLsn: Lsn;
  readonly #checksCrc: boolean;
  readonly #record: Mutable<RawRecord>;
  /** Offset in the segment where the next record starts, or of the page boundary before it. */
  #at = 0;
  #opened = false;
  /** Start of the last record; 0 before the first one. */
  #previousLsn: Lsn = 0;
  /** The record whose continuation was overwritten, until the OVERWRITE_CONTRECORD that says so is read. */
  #abortedLsn: Lsn | undefined;
  #assembly = allocateWords(0);
  /** The memory of the record's buffer as words: the cursor's or the assembly's. */
  #words: Int32Array = this.#assembly.words;
  #failure: unknown;

  /** Reads nothing yet. Throws the usage errors `wal-major-unsupported`, `wal-segment-size-invalid`, `wal-range-invalid`. */
  constructor(options: RecordReaderOptions) {
    const { source, timeline, history = [], startLsn, endLsn, systemIdentifier } = options;
    const { segmentSizeBytes = defaultSegmentSizeBytes } = options;
    const format = walFormat(options.major);
    checkSegmentSize(segmentSizeBytes);
    if (startLsn % 8 !== 0 || startLsn > endLsn) {
      throw new RedoubtError(
        'usage',
        'wal-range-invalid',
        `WAL cannot be read from ${formatLsn(startLsn)} to ${formatLsn(endLsn)}: the start must be a multiple of 8 and not behind the end`,
      );
    }
    this.#startLsn = startLsn;
    this.#checksCrc = options.checksCrc ?? true;
    this.#cursor = new SegmentCursor(
      { source, format, timeline, history, endLsn, segmentSizeBytes, systemIdentifier },
      startLsn,
    );
    this.#record = { bytes: this.#assembly.bytes, offset: 0, length: 0, startLsn, endLsn };
  }

  /**
   * The next record, valid until the following call; undefined only when the end LSN is reached. Throws
   * `wal-ends-early` when the WAL stops before it and `wal-corrupt-...` when it is damaged; throws the same again when
   * called again.
   */
  next(): RawRecord | undefined {
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
    try {
      if (!this.#opened) {
        this.#open();
      }
      return this.#read();
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  #open(): void {
    const cursor = this.#cursor;
    const at = this.#startLsn % cursor.segmentSizeBytes;
    cursor.advance();
    const pageOffset = at & pageOffsetMask;
    if (at !== 0) {
      // Only the first page says which cluster a segment belongs to.
      cursor.openPage(0);
    }
    if (pageOffset !== 0 && pageOffset < cursor.openPage(at - pageOffset)) {
      throw cursor.corrupt('page-header', 'the start LSN lies inside it', 'page header', this.#startLsn, at);
    }
    this.#at = at;
    this.#opened = true;
  }

  #read(): RawRecord | undefined {
    const cursor = this.#cursor;
    for (;;) {
      if (this.#reachesEnd()) {
        return undefined;
      }
      if ((this.#at & pageOffsetMask) === 0) {
        this.#stepOverPageHeader();
      }
      const at = this.#at;
      const startLsn = cursor.lsn(at);
      const length = this.#recordLength(at);
      if ((at & pageOffsetMask) + length <= walPageSizeBytes) {
        if (at + length > cursor.availableBytes) {
          throw cursor.endsEarly('the file ends inside a record', at);
        }
        this.#words = cursor.words;
        this.#checkRecordHeader(cursor.bytes, at, startLsn);
        this.#record.bytes = cursor.bytes;
        this.#record.offset = at;
        this.#at = at + alignUp8(length);
      } else if (this.#assemble(startLsn, length)) {
        this.#record.bytes = this.#assembly.bytes;
        this.#words = this.#assembly.words;
        this.#record.offset = 0;
      } else {
        continue;
      }
      return this.#finish(startLsn, length);
    }
  }

  /** Checks what needs the whole record, and moves on behind it. */
  #finish(startLsn: Lsn, length: number): RawRecord {
    const cursor = this.#cursor;
    const record = this.#record;
    const { bytes, offset } = record;
    if (this.#checksCrc) {
      this.#checkCrc(startLsn, length);
    }
    const kind = bytes[offset + 17] === xlogRmgrId ? bytes[offset + 16]! & 0xf0 : undefined;
    if (this.#abortedLsn !== undefined) {
      this.#checkOverwrite(
        kind === xlogOverwriteContrecord && length === overwriteContrecordSizeBytes,
        startLsn,
      );
    }
    if (kind === xlogSwitch) {
      this.#at = cursor.segmentSizeBytes;
    }
    record.length = length;
    record.startLsn = startLsn;
    record.endLsn = cursor.lsn(this.#at);
    this.#previousLsn = startLsn;
    return record;
  }

  #checkCrc(startLsn: Lsn, length: number): void {
    const { bytes, offset } = this.#record;
    const stored = this.#words[(offset >>> 2) + 5]! >>> 0;
    const computed = recordCrc32c(bytes, this.#words, offset, length);
    if (stored !== computed) {
      const problem = `stored ${hex(stored)}, computed ${hex(computed)} over ${length} bytes`;
      throw this.#cursor.corrupt('crc', problem, 'xl_crc', startLsn);
    }
  }

  /** True when no record can start before the end any more; looks at no byte, so the page there need not exist. */
  #reachesEnd(): boolean {
    const at = this.#at;
    if ((at & pageOffsetMask) !== 0) {
      return at >= this.#cursor.endOffset;
    }
    const opensSegment = at === 0 || at === this.#cursor.segmentSizeBytes;
    const headerSize = opensSegment ? longPageHeaderSizeBytes : shortPageHeaderSizeBytes;
    return at + headerSize >= this.#cursor.endOffset;
  }

  /** From a page boundary to the first record of the page, in the next segment if need be. */
  #stepOverPageHeader(): void {
    const cursor = this.#cursor;
    if (this.#at === cursor.segmentSizeBytes) {
      cursor.advance();
      this.#at = 0;
    }
    const at = this.#at;
    const headerSize = cursor.openPage(at);
    if ((readUint16(cursor.bytes, at + 2) & pageInfo.firstIsContrecord) !== 0) {
      const problem = 'the page continues a record, but none is under way';
      throw cursor.corrupt('continuation', problem, 'xlp_info', cursor.lsn(at), at);
    }
    this.#at = at + headerSize;
  }

  #recordLength(at: number): number {
    const cursor = this.#cursor;
    if (at + 4 > cursor.availableBytes) {
      throw cursor.endsEarly('the file ends', at);
    }
    const length = cursor.words[at >>> 2]! >>> 0;
    if (length === 0) {
      throw cursor.endsEarly('no record follows', at);
    }
    if (length < recordHeaderSizeBytes || length > recordMaxSizeBytes) {
      const problem = `${length} bytes, but a record has ${recordHeaderSizeBytes} to ${recordMaxSizeBytes}`;
      throw cursor.corrupt('record-header', problem, 'xl_tot_len', cursor.lsn(at), at);
    }
    return length;
  }

  /** Checks a header; `#words` is the memory of `bytes`. */
  #checkRecordHeader(bytes: Buffer, offset: number, startLsn: Lsn): void {
    const words = this.#words;
    const at = offset >>> 2;
    const rmgrId = (words[at + 4]! >>> 8) & 0xff;
    if (rmgrId > lastBuiltInRmgrId && rmgrId < firstCustomRmgrId) {
      throw this.#cursor.corrupt(
        'record-header',
        `no resource manager has id ${rmgrId}`,
        'xl_rmid',
        startLsn,
      );
    }
    const linked = (words[at + 3]! >>> 0) * 0x1_0000_0000 + (words[at + 2]! >>> 0);
    const previous = this.#previousLsn;
    if (previous === 0 ? linked >= startLsn : linked !== previous) {
      const wanted = previous === 0 ? 'a place before this record' : formatLsn(previous);
      const problem = `links to ${readLsnText(bytes, offset + 8)} instead of ${wanted}`;
      throw this.#cursor.corrupt('record-header', problem, 'xl_prev', startLsn);
    }
  }

  /**
   * Copies together a record that crosses pages and moves behind it. False when its continuation was overwritten: the
   * record is then void, and the position is the page of the overwriting record.
   */
  #assemble(startLsn: Lsn, length: number): boolean {
    const cursor = this.#cursor;
    let at = this.#at;
    let got = 0;
    let piece = walPageSizeBytes - (at & pageOffsetMask);
    let headerIsChecked = false;
    for (;;) {
      this.#append(at, piece, got, length);
      got += piece;
      if (!headerIsChecked && got >= recordHeaderSizeBytes) {
        this.#words = this.#assembly.words;
        this.#checkRecordHeader(this.#assembly.bytes, 0, startLsn);
        headerIsChecked = true;
      }
      if (got === length) {
        this.#at = at + alignUp8(piece);
        return true;
      }
      at += piece;
      if (at === cursor.segmentSizeBytes) {
        cursor.advance();
        at = 0;
      }
      const headerSize = cursor.openPage(at);
      const info = readUint16(cursor.bytes, at + 2);
      if ((info & pageInfo.firstIsOverwriteContrecord) !== 0) {
        this.#abortedLsn = startLsn;
        this.#at = at;
        return false;
      }
      this.#checkContinuation(at, info, startLsn, length - got);
      at += headerSize;
      piece = Math.min(walPageSizeBytes - headerSize, length - got);
    }
  }

  #checkContinuation(at: number, info: number, startLsn: Lsn, missing: number): void {
    const cursor = this.#cursor;
    const of = `of the record at ${formatLsn(startLsn)}`;
    if ((info & pageInfo.firstIsContrecord) === 0) {
      const problem = `the page continues no record, but ${missing} bytes ${of} are missing`;
      throw cursor.corrupt('continuation', problem, 'xlp_info', cursor.lsn(at), at);
    }
    const announced = readUint32(cursor.bytes, at + 16);
    if (announced !== missing) {
      const problem = `${announced} bytes ${of} are announced, but ${missing} are missing`;
      throw cursor.corrupt('continuation', problem, 'xlp_rem_len', cursor.lsn(at), at);
    }
  }

  #append(at: number, size: number, got: number, total: number): void {
    const cursor = this.#cursor;
    if (at + size > cursor.availableBytes) {
      throw cursor.endsEarly('the file ends inside a record', at);
    }
    if (got + size > this.#assembly.bytes.length) {
      // Grown as bytes arrive: a damaged length must not ask for a gigabyte at once.
      const grown = Math.max(4 * walPageSizeBytes, Math.min(total, 2 * (got + size)));
      const larger = allocateWords(grown);
      this.#assembly.bytes.copy(larger.bytes, 0, 0, got);
      this.#assembly = larger;
    }
    cursor.bytes.copy(this.#assembly.bytes, got, at, at + size);
  }

  /** What overwrites a lost continuation must be the record that names it (`VerifyOverwriteContrecord`, xlogrecovery.c). */
  #checkOverwrite(isOverwriteContrecord: boolean, startLsn: Lsn): void {
    const cursor = this.#cursor;
    const aborted = this.#abortedLsn!;
    const { bytes, offset } = this.#record;
    if (!isOverwriteContrecord) {
      const problem = `the record at ${formatLsn(aborted)} breaks off, but no OVERWRITE_CONTRECORD follows`;
      throw cursor.corrupt('continuation', problem, 'xl_info', startLsn);
    }
    const at = offset + recordHeaderSizeBytes + 2;
    if (readLsn(bytes, at) !== aborted) {
      const problem = `${readLsnText(bytes, at)} instead of ${formatLsn(aborted)}`;
      throw cursor.corrupt('continuation', problem, 'overwritten_lsn', startLsn);
    }
    this.#abortedLsn = undefined;
  }
}

function hex(value: number): string {
  return `0x${value.toString(16).toUpperCase().padStart(8, '0')}`;
}
