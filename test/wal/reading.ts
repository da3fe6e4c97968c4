import { RecordReader } from '../../harness/wal/record-reader.ts';
import type { RecordReaderOptions } from '../../harness/wal/record-reader.ts';
import type { WalBuilder } from './wal-builder.ts';

/** A record that outlives the reader's next step. */
export interface ReadRecord {
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
}

/** A reader of what was built, from its first record to its last. */
export function readerOf(builder: WalBuilder, change: Partial<RecordReaderOptions> = {}): RecordReader {
  return new RecordReader({
    source: builder.source(),
    major: 17,
    timeline: builder.timeline,
    startLsn: builder.start,
    endLsn: builder.position,
    segmentSizeBytes: builder.segmentSize,
    ...change,
  });
}

/** Reads on until the end or an error, which is returned and not thrown. */
export function readAll(reader: RecordReader): {
  readonly records: readonly ReadRecord[];
  readonly error: unknown;
} {
  const records: ReadRecord[] = [];
  try {
    for (let raw = reader.next(); raw !== undefined; raw = reader.next()) {
      const bytes = Buffer.from(raw.bytes.subarray(raw.offset, raw.offset + raw.length));
      records.push({ start: raw.startLsn, end: raw.endLsn, bytes });
    }
  } catch (error) {
    return { records, error };
  }
  return { records, error: undefined };
}
