import { readUint32 } from './bytes.ts';
import { walCorrupt } from './corruption.ts';
import type { Lsn } from './lsn.ts';

/** SizeOfXLogRecord: the fixed header of a WAL record (xlogrecord.h). */
export const recordHeaderSizeBytes = 24;
/** XLogRecordMaxSize (xlogrecord.h, 16+; the earlier majors cannot make longer ones either). */
export const recordMaxSizeBytes = 1020 * 1024 * 1024;

/** One WAL record, contiguous and exactly as in the WAL: `bytes[offset..offset+length)`, from the XLogRecord header to the end. */
export interface RawRecord {
  readonly bytes: Buffer;
  readonly offset: number;
  readonly length: number;
  /** Where the record's first byte lies in the WAL. */
  readonly startLsn: Lsn;
  /**
   * Where the next record may begin, rounded up to 8: the page LSN that redo sets. The page boundary itself for a
   * record that ends on one; the start of the next segment for XLOG_SWITCH.
   */
  readonly endLsn: Lsn;
}

/**
 * Makes a RawRecord of a record's bytes alone, as cut out of a walredo ApplyRecord message with its end LSN. The CRC is
 * not checked (walredo does not either). The start is only as if no WAL page header lay inside the record. Throws
 * `wal-corrupt-record-header` when xl_tot_len does not match the bytes.
 */
export function rawRecordFromBytes(bytes: Buffer, endLsn: Lsn): RawRecord {
  const place = { lsn: endLsn, field: 'xl_tot_len', recordOffset: 0 };
  if (bytes.length < recordHeaderSizeBytes) {
    throw walCorrupt(
      'record-header',
      `${bytes.length} bytes are too few for a record's header of ${recordHeaderSizeBytes}`,
      place,
    );
  }
  const length = readUint32(bytes, 0);
  if (length !== bytes.length) {
    throw walCorrupt('record-header', `the record says ${length} bytes but ${bytes.length} are given`, place);
  }
  const startLsn = Math.max(0, endLsn - alignUp8(length));
  return { bytes, offset: 0, length, startLsn, endLsn };
}

/** MAXALIGN: the next multiple of 8; for sizes below 2^31. */
export function alignUp8(size: number): number {
  return (size + 7) & ~7;
}
