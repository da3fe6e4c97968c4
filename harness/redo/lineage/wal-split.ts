import { mkdirSync, rmSync } from 'node:fs';

import { RecordReader, type SegmentSource } from '../../wal/record-reader.ts';
import { LineageSpill } from './lineage-spill.ts';
import { LineageSplitter } from './lineage-splitter.ts';
import type { WriteBlock } from './spill-file.ts';
import { SpilledPartitions } from './spilled-partitions.ts';

/** A stretch of WAL of one server, and what its pages must say. */
export interface WalStretch {
  readonly major: number;
  readonly timeline: number;
  readonly startLsn: number;
  readonly endLsn: number;
  readonly segmentSizeBytes: number;
  readonly systemIdentifier: bigint;
}

/** WAL split by page. Disposing it removes what lies on disk. */
export interface WalSplit extends Disposable {
  /** What was learned on the way: forks, removals, kinds of records, the flavour. */
  readonly splitter: LineageSplitter;
  readonly spilled: SpilledPartitions;
}

/** WAL bytes that one partition is meant to hold in memory. */
const partitionBytes = 8 << 20;

/** Each partition is an open file. */
const mostPartitions = 256;

/** What another thread does meanwhile: it checks the CRCs of the same WAL, and writes the blocks that it is sent. */
export interface OtherThread {
  readonly send: WriteBlock;
  /** Waits until all that was sent is written; nothing follows. */
  finish(): void;
}

/**
 * Splits WAL by page, with the help of another thread if there is one; `directory` is made and must not exist.
 * @throws RedoubtError when the WAL is damaged or ends early, or what {@link LineageSplitter.consume} throws, or
 * `write-failed`; nothing is left on disk then.
 */
export function splitWal(
  wal: WalStretch,
  source: SegmentSource,
  directory: string,
  other?: OtherThread,
): WalSplit {
  mkdirSync(directory);
  try {
    const partitions = Math.ceil((wal.endLsn - wal.startLsn) / partitionBytes);
    const bounded = Math.min(mostPartitions, Math.max(1, partitions));
    using spill = new LineageSpill(directory, bounded, other?.send);
    const splitter = new LineageSplitter(spill, wal.major);
    splitter.consume(new RecordReader({ ...wal, source, checksCrc: other === undefined }));
    const entries = spill.finish();
    other?.finish();
    const spilled = new SpilledPartitions(directory, entries);
    return {
      splitter,
      spilled,
      [Symbol.dispose]: () => {
        spilled[Symbol.dispose]();
      },
    };
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}
