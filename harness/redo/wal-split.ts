import { mkdirSync, rmSync } from 'node:fs';

import { RecordReader, type SegmentSource } from '../wal/record-reader.ts';
import { wholeShare, type WorkShare } from '../wal/work-share.ts';
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

/** What one share of the splitting came to. */
export interface SplitShare {
  readonly splitter: LineageSplitter;
  /** How many entries each partition has, 0 for those of other shares. */
  readonly entries: readonly number[];
}

/** WAL bytes that one partition is meant to hold in memory. */
const partitionBytes = 8 << 20;

/** Each partition is an open file. */
const mostPartitions = 256;

/**
 * Splits WAL by page, all of it in this thread; `directory` is made and must not exist.
 * @throws RedoubtError when the WAL is damaged or ends early, or what {@link LineageSplitter.consume} throws, or
 * `write-failed`; nothing is left on disk then.
 */
export function splitWal(wal: WalStretch, source: SegmentSource, directory: string): WalSplit {
  mkdirSync(directory);
  try {
    const { splitter, entries } = splitShare(wal, source, directory, wholeShare);
    return walSplit(splitter, new SpilledPartitions(directory, entries));
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/**
 * What one thread does of the splitting: reads everything, for the forks must get the same numbers in each, but checks the
 * CRCs of its share of the WAL pages alone and spills its share of the partitions. `directory` must exist.
 */
export function splitShare(
  wal: WalStretch,
  source: SegmentSource,
  directory: string,
  share: WorkShare,
): SplitShare {
  const partitions = Math.ceil((wal.endLsn - wal.startLsn) / partitionBytes);
  using spill = new LineageSpill(directory, Math.min(mostPartitions, Math.max(1, partitions)), share);
  const splitter = new LineageSplitter(spill, wal.major);
  splitter.consume(new RecordReader({ ...wal, source, crcShare: share }));
  return { splitter, entries: spill.finish() };
}

/** The whole of it, from what the threads made. */
export function walSplit(splitter: LineageSplitter, spilled: SpilledPartitions): WalSplit {
  return {
    splitter,
    spilled,
    [Symbol.dispose]: () => {
      spilled[Symbol.dispose]();
    },
  };
}
