import type { RedoubtError } from '../error.ts';
import { readLsn, readUint16 } from './bytes.ts';
import { walCorrupt, walEndsEarly } from './corruption.ts';
import type { WalPart } from './corruption.ts';
import type { Lsn } from './lsn.ts';
import { checkPageHeader, longPageHeaderSizeBytes, shortPageHeaderSizeBytes } from './page-header.ts';
import { segmentFileName, segmentNumberOf } from './segment.ts';
import type { WalFormat } from './wal-format.ts';
import { allocateWords, wordsOf } from './words.ts';

/**
 * Gives a segment's bytes (fewer than a whole segment if that is all there is), or undefined when there is none. Asked
 * once a segment, in order; a buffer may be reused when the following segment is asked for.
 */
export type SegmentSource = (segmentNumber: number) => Buffer | undefined;

/** An older timeline on the way to the one that is read: its pages count before `switchLsn` (a line of a .history file). */
export interface TimelineSwitch {
  readonly timeline: number;
  readonly switchLsn: Lsn;
}

export interface SegmentCursorOptions {
  readonly source: SegmentSource;
  readonly format: WalFormat;
  readonly timeline: number;
  readonly history: readonly TimelineSwitch[];
  readonly endLsn: Lsn;
  readonly segmentSizeBytes: number;
  readonly systemIdentifier: bigint | undefined;
}

/** The segment that is being read, and what its pages must say; the record reader moves over it. */
export class SegmentCursor {
  readonly segmentSizeBytes: number;
  /** The bytes of the segment that is loaded. */
  bytes: Buffer = Buffer.alloc(0);
  /** The same memory as words. */
  words: Int32Array = new Int32Array(0);
  /** How many of the segment's bytes exist. */
  availableBytes = 0;
  /** Offset in the loaded segment (possibly beyond it) at or behind which no record may start any more. */
  endOffset = 0;

  readonly #options: SegmentCursorOptions;
  #systemIdentifier: bigint | undefined;
  #segmentNumber: number;
  #segmentLsn: Lsn;

  /** Does not load anything: `startLsn` only says which segment comes first. */
  constructor(options: SegmentCursorOptions, startLsn: Lsn) {
    this.#options = options;
    this.segmentSizeBytes = options.segmentSizeBytes;
    this.#systemIdentifier = options.systemIdentifier;
    this.#segmentNumber = segmentNumberOf(startLsn, options.segmentSizeBytes) - 1;
    this.#segmentLsn = this.#segmentNumber * options.segmentSizeBytes;
  }

  /** The LSN of a byte of the loaded segment; `offset` may be the segment's size. */
  lsn(offset: number): Lsn {
    return this.#segmentLsn + offset;
  }

  /** Loads the following segment; throws `wal-ends-early` when there is none. */
  advance(): void {
    const options = this.#options;
    this.#segmentNumber++;
    this.#segmentLsn = this.#segmentNumber * this.segmentSizeBytes;
    const bytes = options.source(this.#segmentNumber);
    if (bytes === undefined) {
      throw this.endsEarly('no such segment', 0);
    }
    this.#load(bytes);
    this.availableBytes = Math.min(bytes.length, this.segmentSizeBytes);
    this.endOffset = Math.min(options.endLsn - this.#segmentLsn, 2 * this.segmentSizeBytes);
  }

  /**
   * Checks the header of the page at `offset` and returns its size. Throws `wal-ends-early` when the page is missing,
   * was never written or still holds a recycled segment's page, `wal-corrupt-page-header` when it is anything else.
   */
  openPage(offset: number): number {
    const { bytes } = this;
    const longHeader = offset === 0;
    const size = longHeader ? longPageHeaderSizeBytes : shortPageHeaderSizeBytes;
    if (offset + size > this.availableBytes) {
      throw this.endsEarly('the file ends', offset);
    }
    if (bytes[offset] === 0 && isZero(bytes, offset, offset + size)) {
      throw this.endsEarly('the page was never written', offset);
    }
    const pageAddress = this.lsn(offset);
    if (readUint16(bytes, offset) === this.#options.format.pageMagic && this.#isRecycled(offset)) {
      throw this.endsEarly("the page is a recycled segment's", offset);
    }
    checkPageHeader(bytes, offset, {
      format: this.#options.format,
      timeline: this.#timelineOf(pageAddress),
      pageAddress,
      longHeader,
      segmentSizeBytes: this.segmentSizeBytes,
      systemIdentifier: this.#systemIdentifier,
      segment: this.#fileName(),
    });
    if (longHeader) {
      this.#systemIdentifier ??= bytes.readBigUInt64LE(offset + 24);
    }
    return size;
  }

  /** Makes (does not throw) a `wal-corrupt-...` error for a place in the loaded segment. */
  corrupt(part: WalPart, problem: string, field: string, lsn: Lsn, offset?: number): RedoubtError {
    const place = { lsn, field, segment: this.#fileName() };
    return walCorrupt(part, problem, offset === undefined ? place : { ...place, segmentOffset: offset });
  }

  /** Makes (does not throw) the `wal-ends-early` error for a place in the loaded segment. */
  endsEarly(problem: string, offset: number): RedoubtError {
    return walEndsEarly(problem, this.lsn(offset), this.#options.endLsn, this.#fileName());
  }

  #load(bytes: Buffer): void {
    const words = wordsOf(bytes);
    if (words !== undefined) {
      this.bytes = bytes;
      this.words = words;
      return;
    }
    const aligned = allocateWords(bytes.length);
    bytes.copy(aligned.bytes);
    this.bytes = aligned.bytes;
    this.words = aligned.words;
  }

  /** A recycled segment is an older one renamed: the same offset in a segment, a whole number of segments back. */
  #isRecycled(offset: number): boolean {
    const distance = this.lsn(offset) - readLsn(this.bytes, offset + 8);
    return distance > 0 && distance % this.segmentSizeBytes === 0;
  }

  /** The page with the switch point in it was begun on the older timeline and keeps its number. */
  #timelineOf(pageAddress: Lsn): number {
    const { history, timeline } = this.#options;
    return history.find((older) => pageAddress < older.switchLsn)?.timeline ?? timeline;
  }

  #fileName(): string {
    return segmentFileName(this.#options.timeline, this.#segmentNumber, this.segmentSizeBytes);
  }
}

function isZero(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (bytes[at] !== 0) {
      return false;
    }
  }
  return true;
}
