import { RedoubtError } from '../error.ts';
import type { Lsn } from './lsn.ts';

/** PostgreSQL's default WAL segment size in bytes; initdb --wal-segsize changes it (1 MiB to 1 GiB, a power of two). */
export const defaultSegmentSizeBytes = 16 * 1024 * 1024;

/** A WAL file name taken apart. */
export interface SegmentName {
  readonly timeline: number;
  readonly segmentNumber: number;
  /** True for `NAME.partial`, which a promoted standby leaves behind. */
  readonly partial: boolean;
}

/** Checks a segment size as `IsValidWalSegSize` does (xlog_internal.h); throws the usage error `wal-segment-size-invalid`. */
export function checkSegmentSize(segmentSizeBytes: number): void {
  const isPowerOfTwo = Number.isInteger(Math.log2(segmentSizeBytes));
  if (!isPowerOfTwo || segmentSizeBytes < 0x10_0000 || segmentSizeBytes > 0x4000_0000) {
    throw new RedoubtError(
      'usage',
      'wal-segment-size-invalid',
      `${segmentSizeBytes} bytes is no WAL segment size: it must be a power of two from 1 MiB to 1 GiB`,
    );
  }
}

/** The number of the segment that holds `lsn`. */
export function segmentNumberOf(lsn: Lsn, segmentSizeBytes: number): number {
  return Math.floor(lsn / segmentSizeBytes);
}

/** A segment's file name, 24 hexadecimal digits (`XLogFileName`, xlog_internal.h). */
export function segmentFileName(timeline: number, segmentNumber: number, segmentSizeBytes: number): string {
  checkSegmentSize(segmentSizeBytes);
  const perLogId = 0x1_0000_0000 / segmentSizeBytes;
  return [timeline, Math.floor(segmentNumber / perLogId), segmentNumber % perLogId]
    .map((part) => part.toString(16).toUpperCase().padStart(8, '0'))
    .join('');
}

/** Takes a WAL file name (without folder, with or without `.partial`) apart; undefined when it is none for that segment size. */
export function parseSegmentFileName(name: string, segmentSizeBytes: number): SegmentName | undefined {
  checkSegmentSize(segmentSizeBytes);
  const match = /^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})(\.partial)?$/.exec(name);
  if (match === null) {
    return undefined;
  }
  const [timeline, logId, segment] = match.slice(1, 4).map((part) => Number.parseInt(part, 16));
  const perLogId = 0x1_0000_0000 / segmentSizeBytes;
  if (timeline === undefined || logId === undefined || segment === undefined || segment >= perLogId) {
    return undefined;
  }
  return { timeline, segmentNumber: logId * perLogId + segment, partial: match[4] !== undefined };
}
