import { mkdirSync, rmSync } from 'node:fs';

import { RecordReader, type SegmentSource } from '../wal/record-reader.ts';
import { LineageSpill } from './lineage-spill.ts';
import { LineageSplitter } from './lineage-splitter.ts';
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

/**
 * Splits WAL by page; `directory` is made and must not exist. `checksCrc` is false when another thread checks the CRCs of
 * the same WAL meanwhile.
 * @throws RedoubtError when the WAL is damaged or ends early, or what {@link LineageSplitter.consume} throws, or
 * `write-failed`; nothing is left on disk then.
 */
export function splitWal(
  wal: WalStretch,
  source: SegmentSource,
  directory: string,
  checksCrc = true,
): WalSplit {
  mkdirSync(directory);
  try {
    const partitions = Math.ceil((wal.endLsn - wal.startLsn) / partitionBytes);
    using spill = new LineageSpill(directory, Math.min(mostPartitions, Math.max(1, partitions)));
    const splitter = new LineageSplitter(spill, wal.major);
    splitter.consume(new RecordReader({ ...wal, source, checksCrc }));
    const spilled = new SpilledPartitions(directory, spill.finish());
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
