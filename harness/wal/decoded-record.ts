import type { Lsn } from './lsn.ts';

/** How a full-page image is stored; which bits say so depends on the major. */
export type ImageCompression = 'none' | 'pglz' | 'lz4' | 'zstd';

/** A full-page image inside a record: `length` stored bytes at `offset` in the RawRecord's buffer, the page without its zero hole. */
export interface BlockImage {
  readonly offset: number;
  readonly length: number;
  readonly holeOffset: number;
  readonly holeLength: number;
  readonly compression: ImageCompression;
}

/** One page that a record names, with the bytes that belong to it; offsets count in the RawRecord's buffer. */
export interface BlockReference {
  readonly id: number;
  readonly forkNumber: number;
  readonly spcOid: number;
  readonly dbOid: number;
  readonly relNumber: number;
  readonly blockNumber: number;
  /** BKPBLOCK_WILL_INIT: redo makes the page from nothing. */
  readonly willInit: boolean;
  readonly hasImage: boolean;
  /** BKPIMAGE_APPLY: redo restores the image; without it the image is there only for wal_consistency_checking. */
  readonly applyImage: boolean;
  readonly image: BlockImage | undefined;
  readonly dataOffset: number;
  readonly dataLength: number;
}

/** A record's header and block references; offsets count in the RawRecord's buffer. */
export interface DecodedRecord {
  readonly rmgrId: number;
  readonly info: number;
  readonly xid: number;
  readonly prevLsn: Lsn;
  readonly blocks: readonly BlockReference[];
  readonly mainDataOffset: number;
  readonly mainDataLength: number;
  readonly topXid: number | undefined;
  readonly originId: number | undefined;
}
