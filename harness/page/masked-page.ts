import { hasSoundBounds, pageFlags, pageHeaderSizeBytes, readPageHeader } from './header.ts';
import type { PageHeader } from './header.ts';
import { readItems } from './item.ts';
import { pageSizeBytes, requirePage } from './page-bytes.ts';

/** Bytes of which a mask hides something: all of them, or the bits that `reason` names. */
export interface MaskedBytes {
  readonly offset: number;
  readonly length: number;
  readonly reason: string;
}

/** lp_flags within a line pointer. */
const itemFlagBits = 0x3 << 15;

/**
 * A copy of a page on which the steps that PostgreSQL's masks share are carried out, and what they hid
 * (access/common/bufmask.c, the same in 14 to 18; MASK_MARKER is 0).
 */
export class MaskedPage {
  readonly bytes: Buffer;
  /** The header before anything was masked. */
  readonly header: PageHeader;
  readonly #masked: MaskedBytes[] = [];

  /** Throws `page-size-invalid`. */
  constructor(page: Buffer) {
    requirePage(page);
    this.bytes = Buffer.from(page);
    this.header = readPageHeader(page);
  }

  /** In order of offset; neighbours with one reason are one. */
  masked(): readonly MaskedBytes[] {
    const joined: MaskedBytes[] = [];
    for (const one of this.#masked.toSorted((left, right) => left.offset - right.offset)) {
      const last = joined.at(-1);
      if (last !== undefined && last.reason === one.reason && last.offset + last.length === one.offset) {
        joined[joined.length - 1] = { ...last, length: last.length + one.length };
      } else {
        joined.push(one);
      }
    }
    return joined;
  }

  /** Zeroes `length` bytes, as far as they are on the page. */
  clear(offset: number, length: number, reason: string): void {
    const end = Math.min(offset + length, pageSizeBytes);
    if (end > offset) {
      this.bytes.fill(0, offset, end);
      this.#masked.push({ offset, length: end - offset, reason });
    }
  }

  /** Clears, then sets bits of a 16-bit field. */
  maskBits(offset: number, clear: number, set: number, reason: string): void {
    this.bytes.writeUInt16LE((this.bytes.readUInt16LE(offset) & ~clear) | set, offset);
    this.#masked.push({ offset, length: 2, reason });
  }

  /** Replaces bytes by given ones. */
  replace(offset: number, bytes: Buffer, reason: string): void {
    bytes.copy(this.bytes, offset);
    this.#masked.push({ offset, length: bytes.length, reason });
  }

  /** mask_page_lsn_and_checksum. */
  lsnAndChecksum(): void {
    this.clear(0, 8, 'pd_lsn');
    this.clear(8, 2, 'pd_checksum');
  }

  /** mask_page_hint_bits. */
  headerHintBits(): void {
    this.clear(20, 4, 'pd_prune_xid');
    const { hasFreeLines, pageFull, allVisible } = pageFlags;
    const reason = 'pd_flags: PD_HAS_FREE_LINES, PD_PAGE_FULL, PD_ALL_VISIBLE';
    this.maskBits(10, hasFreeLines | pageFull | allVisible, 0, reason);
  }

  /** mask_unused_space; the caller has made sure that the bounds are sound. */
  unusedSpace(): void {
    this.clear(this.header.lower, this.header.upper - this.header.lower, 'free space');
  }

  /** mask_lp_flags. */
  itemFlags(): void {
    for (const { state, number, pointerOffset } of readItems(this.bytes, this.header)) {
      if (state !== 'unused') {
        const bits = this.bytes.readUInt32LE(pointerOffset);
        this.bytes.writeUInt32LE((bits & ~itemFlagBits) >>> 0, pointerOffset);
        this.#masked.push({ offset: pointerOffset, length: 4, reason: `lp_flags of item ${number}` });
      }
    }
  }

  /** mask_page_content. */
  content(reason: string): void {
    this.clear(12, 4, reason);
    this.clear(pageHeaderSizeBytes, pageSizeBytes - pageHeaderSizeBytes, reason);
  }

  /** Whether mask_unused_space would do its work: it raises an error on other pages. */
  get hasSoundBounds(): boolean {
    return hasSoundBounds(this.header);
  }
}
