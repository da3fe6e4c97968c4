import { readLsn, readLsnText, readUint16, readUint32 } from './bytes.ts';
import { walCorrupt } from './corruption.ts';
import type { WalPlace } from './corruption.ts';
import { formatLsn } from './lsn.ts';
import type { Lsn } from './lsn.ts';
import { majorOfPageMagic } from './wal-format.ts';
import type { WalFormat } from './wal-format.ts';

/** XLOG_BLCKSZ: the size of a WAL page in bytes; servers built with another one are refused. */
export const walPageSizeBytes = 8192;
/** SizeOfXLogShortPHD: every page but the first of a segment. */
export const shortPageHeaderSizeBytes = 24;
/** SizeOfXLogLongPHD: the first page of a segment. */
export const longPageHeaderSizeBytes = 40;

/** The xlp_info bits (xlog_internal.h, all majors). */
export const pageInfo = {
  firstIsContrecord: 0x0001,
  longHeader: 0x0002,
  backupRemovable: 0x0004,
  firstIsOverwriteContrecord: 0x0008,
} as const;

const allPageInfo = 0x000f;

/** XLogLongPageHeaderData: what the first page of every segment says of the cluster. */
export interface SegmentHeader {
  readonly pageMagic: number;
  readonly timeline: number;
  readonly pageAddress: Lsn;
  readonly systemIdentifier: bigint;
  readonly segmentSizeBytes: number;
  readonly pageSizeBytes: number;
}

/**
 * Reads the long header at the start of a segment without judging it, to find out what the file is; undefined when the
 * bytes are too few or are no long header.
 */
export function readSegmentHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < longPageHeaderSizeBytes || (readUint16(bytes, 2) & pageInfo.longHeader) === 0) {
    return undefined;
  }
  return {
    pageMagic: readUint16(bytes, 0),
    timeline: readUint32(bytes, 4),
    pageAddress: readLsn(bytes, 8),
    systemIdentifier: bytes.readBigUInt64LE(24),
    segmentSizeBytes: readUint32(bytes, 32),
    pageSizeBytes: readUint32(bytes, 36),
  };
}

/** What a page header must say at one address. */
export interface PageExpectation {
  readonly format: WalFormat;
  readonly timeline: number;
  readonly pageAddress: Lsn;
  /** The first page of a segment carries the long header, no other does. */
  readonly longHeader: boolean;
  readonly segmentSizeBytes: number;
  readonly systemIdentifier: bigint | undefined;
  readonly segment: string;
}

/**
 * Checks the page header at `offset`, every field, as `XLogReaderValidatePageHeader` does (xlogreader.c) and more
 * strictly; the caller has checked that the header's bytes exist. Throws `wal-corrupt-page-header`.
 */
export function checkPageHeader(bytes: Buffer, offset: number, expected: PageExpectation): void {
  const fail = (field: string, problem: string): never => {
    const place: WalPlace = {
      lsn: expected.pageAddress,
      field,
      segment: expected.segment,
      segmentOffset: offset,
    };
    throw walCorrupt('page-header', problem, place);
  };
  const magic = readUint16(bytes, offset);
  if (magic !== expected.format.pageMagic) {
    const major = majorOfPageMagic(magic);
    const whose = major === undefined ? 'no known major' : `PostgreSQL ${major}`;
    fail(
      'xlp_magic',
      `${hex(magic)} is the magic of ${whose}, not ${hex(expected.format.pageMagic)} of ${expected.format.major}`,
    );
  }
  const info = readUint16(bytes, offset + 2);
  if ((info & ~allPageInfo) !== 0) {
    fail('xlp_info', `${hex(info)} has unknown bits`);
  }
  if (((info & pageInfo.longHeader) !== 0) !== expected.longHeader) {
    fail('xlp_info', `${hex(info)} ${expected.longHeader ? 'lacks' : 'has'} XLP_LONG_HEADER`);
  }
  const timeline = readUint32(bytes, offset + 4);
  if (timeline !== expected.timeline) {
    fail('xlp_tli', `timeline ${timeline} instead of ${expected.timeline}`);
  }
  if (readLsn(bytes, offset + 8) !== expected.pageAddress) {
    fail('xlp_pageaddr', `${readLsnText(bytes, offset + 8)} instead of ${formatLsn(expected.pageAddress)}`);
  }
  if (expected.longHeader) {
    checkLongPart(bytes, offset, expected, fail);
  }
}

function checkLongPart(
  bytes: Buffer,
  offset: number,
  expected: PageExpectation,
  fail: (field: string, problem: string) => never,
): void {
  const segmentSizeBytes = readUint32(bytes, offset + 32);
  if (segmentSizeBytes !== expected.segmentSizeBytes) {
    fail('xlp_seg_size', `segments of ${segmentSizeBytes} bytes instead of ${expected.segmentSizeBytes}`);
  }
  const pageSizeBytes = readUint32(bytes, offset + 36);
  if (pageSizeBytes !== walPageSizeBytes) {
    fail('xlp_xlog_blcksz', `WAL pages of ${pageSizeBytes} bytes instead of ${walPageSizeBytes}`);
  }
  const systemIdentifier = bytes.readBigUInt64LE(offset + 24);
  if (expected.systemIdentifier !== undefined && systemIdentifier !== expected.systemIdentifier) {
    fail('xlp_sysid', `WAL of system ${systemIdentifier} instead of ${expected.systemIdentifier}`);
  }
}

function hex(value: number): string {
  return `0x${value.toString(16).toUpperCase().padStart(4, '0')}`;
}
