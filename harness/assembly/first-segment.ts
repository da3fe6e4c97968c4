import { checkpointBytes } from '../wal/checkpoint.ts';
import { crc32c } from '../wal/crc32c.ts';
import { longPageHeaderSizeBytes, pageInfo, walPageSizeBytes } from '../wal/page-header.ts';
import { recordHeaderSizeBytes } from '../wal/raw-record.ts';
import { segmentFileName, segmentNumberOf } from '../wal/segment.ts';
import { walFormat } from '../wal/wal-format.ts';

/** Whose WAL it is, and behind what. */
export interface FirstSegmentOptions {
  readonly major: number;
  readonly timeline: number;
  readonly segmentSizeBytes: number;
  readonly systemIdentifier: bigint;
  /** No page has a later LSN. */
  readonly afterLsn: number;
  /** A CheckPoint; its redo pointer is set here. */
  readonly checkpoint: Buffer;
}

/** The WAL with which a server begins on a data directory that was put together. */
export interface FirstSegment {
  readonly fileName: string;
  /** Its beginning; zeros follow. */
  readonly bytes: Buffer;
  readonly checkpointLsn: number;
  /** The CheckPoint that stands in it. */
  readonly checkpoint: Buffer;
}

/** XLR_BLOCK_ID_DATA_SHORT (xlogrecord.h). */
const shortData = 255;

/**
 * The segment behind all WAL so far, with nothing in it but the checkpoint of a shutdown, as a pageserver makes it for a
 * compute node (neon: libs/postgres_ffi, generate_wal_segment) and pg_resetwal does (xlog_internal.h, xlogrecord.h,
 * majors 14 to 18).
 */
export function firstSegment(options: FirstSegmentOptions): FirstSegment {
  const { major, timeline, segmentSizeBytes, systemIdentifier, afterLsn } = options;
  const segmentNumber = segmentNumberOf(afterLsn, segmentSizeBytes) + 1;
  const startLsn = segmentNumber * segmentSizeBytes;
  const checkpointLsn = startLsn + longPageHeaderSizeBytes;
  const checkpoint = Buffer.from(options.checkpoint);
  checkpoint.writeBigUInt64LE(BigInt(checkpointLsn), 0);

  const header = Buffer.alloc(longPageHeaderSizeBytes);
  header.writeUInt16LE(walFormat(major).pageMagic, 0);
  header.writeUInt16LE(pageInfo.longHeader, 2);
  header.writeUInt32LE(timeline, 4);
  header.writeBigUInt64LE(BigInt(startLsn), 8);
  header.writeBigUInt64LE(systemIdentifier, 24);
  header.writeUInt32LE(segmentSizeBytes, 32);
  header.writeUInt32LE(walPageSizeBytes, 36);
  return {
    fileName: segmentFileName(timeline, segmentNumber, segmentSizeBytes),
    bytes: Buffer.concat([header, checkpointRecord(checkpoint)]),
    checkpointLsn,
    checkpoint,
  };
}

/** XLOG_CHECKPOINT_SHUTDOWN: resource manager 0, info 0, no transaction, no record before it. */
function checkpointRecord(checkpoint: Buffer): Buffer {
  const body = Buffer.concat([Buffer.of(shortData, checkpointBytes), checkpoint]);
  const record = Buffer.concat([Buffer.alloc(recordHeaderSizeBytes), body]);
  record.writeUInt32LE(record.length, 0);
  record.writeUInt32LE(crc32c(Buffer.concat([body, record.subarray(0, 20)])), 20);
  return record;
}
