import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

import { RecordReader } from '../../wal/record-reader.ts';
import { BlockReceiver } from './block-ring.ts';
import { walDirectory } from './wal-directory.ts';
import type { SecondTask } from './wal-directory-split.ts';

/*
 * The second thread of a splitting: reads the same WAL and checks every CRC, writes in between what the first one spills,
 * and says how many records it saw.
 */

/** Records between two looks at what there is to write: some ten microseconds. */
const recordsAtOnce = 128;

const { wal, directory, ring } = workerData as SecondTask;
const receiver = new BlockReceiver(ring, (descriptor, bytes) => {
  for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
});
try {
  const source = walDirectory(directory, wal.timeline, wal.segmentSizeBytes);
  const reader = new RecordReader({ ...wal, source });
  let records = 0;
  while (reader.next() !== undefined) if (++records % recordsAtOnce === 0) receiver.writeAvailable();
  receiver.writeToEnd();
  parentPort?.postMessage(records, []);
} catch (error) {
  receiver.fail();
  throw error;
}
