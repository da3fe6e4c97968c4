import { mkdirSync, rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

import { SpilledPartitions } from './spilled-partitions.ts';
import { walDirectory } from './wal-directory.ts';
import {
  splitShare,
  splitWal,
  walSplit,
  type SplitShare,
  type WalSplit,
  type WalStretch,
} from './wal-split.ts';

/** What to split, and where to. */
export interface SplitTask {
  readonly wal: WalStretch;
  readonly walDirectory: string;
  readonly spillDirectory: string;
}

/** Below it a second thread takes longer to start than it saves. */
const leastBytesForTwo = 64 << 20;

/** Both threads' heaps: what is large lies outside of them. */
const resourceLimits = { maxYoungGenerationSizeMb: 12, maxOldGenerationSizeMb: 96 } as const;

/**
 * Splits the WAL in a folder of segments by page, much of it in two threads; `spillDirectory` is made and must not exist.
 * @throws RedoubtError what {@link splitWal} throws.
 */
export async function splitWalDirectory(
  wal: WalStretch,
  directory: string,
  spillDirectory: string,
): Promise<WalSplit> {
  const isLarge = wal.endLsn - wal.startLsn >= leastBytesForTwo;
  const split = isLarge ? await splitInTwo({ wal, walDirectory: directory, spillDirectory }) : undefined;
  return split ?? splitWal(wal, walDirectory(directory, wal.timeline, wal.segmentSizeBytes), spillDirectory);
}

/**
 * The same always in two threads; undefined, with nothing left on disk, when anything goes wrong in one of them: then one
 * that reads alone says what it is and where, whichever of the two met it first.
 */
export async function splitInTwo(task: SplitTask): Promise<WalSplit | undefined> {
  const { spillDirectory } = task;
  mkdirSync(spillDirectory);
  const second = new Worker(new URL('split-thread.ts', import.meta.url), {
    workerData: task,
    resourceLimits,
  });
  const theirs = entriesOf(second);
  const ours = firstShare(task);
  if (ours === undefined) await second.terminate();
  const entries = await theirs;
  if (ours !== undefined && entries !== undefined) {
    const all = ours.entries.map((count, partition) => count + (entries[partition] ?? 0));
    return walSplit(ours.splitter, new SpilledPartitions(spillDirectory, all));
  }
  rmSync(spillDirectory, { recursive: true, force: true });
  return undefined;
}

function firstShare({ wal, walDirectory: directory, spillDirectory }: SplitTask): SplitShare | undefined {
  try {
    const source = walDirectory(directory, wal.timeline, wal.segmentSizeBytes);
    return splitShare(wal, source, spillDirectory, { index: 0, of: 2 });
  } catch {
    return undefined;
  }
}

/** What the second thread says before it ends; undefined when it ends without a word. */
function entriesOf(second: Worker): Promise<readonly number[] | undefined> {
  return new Promise((resolve) => {
    let entries: readonly number[] | undefined;
    second.once('message', (message: readonly number[]) => {
      entries = message;
    });
    // Its end follows, and says that something went wrong.
    second.once('error', () => undefined);
    second.once('exit', () => {
      resolve(entries);
    });
  });
}
