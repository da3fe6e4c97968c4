import { parentPort, workerData } from 'node:worker_threads';

import { RecordReader } from '../wal/record-reader.ts';
import { walDirectory } from './wal-directory.ts';
import type { CrcTask } from './wal-directory-split.ts';

/* The second thread of a splitting: reads the same WAL, checks every CRC, and says how many records it saw. */

const { wal, directory } = workerData as CrcTask;
const source = walDirectory(directory, wal.timeline, wal.segmentSizeBytes);
const reader = new RecordReader({ ...wal, source });
let records = 0;
while (reader.next() !== undefined) records++;
parentPort?.postMessage(records, []);
