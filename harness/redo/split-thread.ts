import { parentPort, workerData } from 'node:worker_threads';

import { walDirectory } from './wal-directory.ts';
import type { SplitTask } from './wal-directory-split.ts';
import { splitShare } from './wal-split.ts';

/* The second thread of a splitting: does its share, and says how many entries its partitions have. */

const { wal, walDirectory: directory, spillDirectory } = workerData as SplitTask;
const source = walDirectory(directory, wal.timeline, wal.segmentSizeBytes);
const { entries } = splitShare(wal, source, spillDirectory, { index: 1, of: 2 });
parentPort?.postMessage(entries, []);
