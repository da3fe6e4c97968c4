import { Worker } from 'node:worker_threads';

import { BlockSender, newBlockRing, type BlockRing } from './block-ring.ts';
import { walDirectory } from './wal-directory.ts';
import { splitWal, type WalSplit, type WalStretch } from './wal-split.ts';

/** What the second thread is given. */
export interface SecondTask {
  readonly wal: WalStretch;
  readonly directory: string;
  readonly ring: BlockRing;
}

/** Below it a second thread takes longer to start than it saves. */
const leastBytesForTwo = 64 << 20;

/** The second thread's heap: what is large lies outside of it. */
const resourceLimits = { maxYoungGenerationSizeMb: 12, maxOldGenerationSizeMb: 64 } as const;

/**
 * Splits the WAL in a folder of segments by page, much WAL in two threads; `spillDirectory` is made and must not exist.
 * @throws RedoubtError what {@link splitWal} throws.
 */
export async function splitWalDirectory(
  wal: WalStretch,
  directory: string,
  spillDirectory: string,
): Promise<WalSplit> {
  const isLarge = wal.endLsn - wal.startLsn >= leastBytesForTwo;
  const split = isLarge ? await splitInTwo(wal, directory, spillDirectory) : undefined;
  return split ?? splitWal(wal, sourceOf(wal, directory), spillDirectory);
}

/**
 * The same always in two threads, of which one splits, and one checks the CRCs and writes; undefined, with nothing left on
 * disk, when anything goes wrong in one of them: then one that reads alone says what it is and where, whichever met it first.
 */
export async function splitInTwo(
  wal: WalStretch,
  directory: string,
  spillDirectory: string,
): Promise<WalSplit | undefined> {
  const ring = newBlockRing();
  const workerData: SecondTask = { wal, directory, ring };
  const second = new Worker(new URL('second-thread.ts', import.meta.url), { workerData, resourceLimits });
  const checked = recordsChecked(second);
  const split = splitUnchecked(wal, directory, spillDirectory, new BlockSender(ring));
  if (split === undefined) await second.terminate();
  const records = await checked;
  if (split !== undefined && records === split.splitter.records) return split;
  split?.[Symbol.dispose]();
  return undefined;
}

function splitUnchecked(
  wal: WalStretch,
  directory: string,
  spillDirectory: string,
  sender: BlockSender,
): WalSplit | undefined {
  try {
    return splitWal(wal, sourceOf(wal, directory), spillDirectory, {
      send: (descriptor, bytes) => {
        sender.send(descriptor, bytes);
      },
      finish: () => {
        sender.finish();
      },
    });
  } catch {
    return undefined;
  }
}

/** How many records the second thread found sound; undefined when it ends without a word. */
function recordsChecked(second: Worker): Promise<number | undefined> {
  return new Promise((resolve) => {
    let records: number | undefined;
    second.once('message', (message: number) => {
      records = message;
    });
    // Its end follows, and says that something went wrong.
    second.once('error', () => undefined);
    second.once('exit', () => {
      resolve(records);
    });
  });
}

function sourceOf(wal: WalStretch, directory: string): ReturnType<typeof walDirectory> {
  return walDirectory(directory, wal.timeline, wal.segmentSizeBytes);
}
