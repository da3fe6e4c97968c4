import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

import { RedoubtError } from '../../error.ts';
import type { SegmentSource } from '../../wal/record-reader.ts';
import { segmentFileName } from '../../wal/segment.ts';

/**
 * The segments of a folder, read one at a time into one buffer: memory does not grow with the WAL. A segment that is not
 * there is undefined to the reader, which knows whether that is an error.
 * @throws RedoubtError `wal-unreadable` from the source, naming the file.
 */
export function walDirectory(directory: string, timeline: number, segmentSizeBytes: number): SegmentSource {
  const buffer = Buffer.alloc(segmentSizeBytes);
  return (segmentNumber) => {
    const path = join(directory, segmentFileName(timeline, segmentNumber, segmentSizeBytes));
    const descriptor = open(path);
    if (descriptor === undefined) return undefined;
    try {
      const length = Math.min(fstatSync(descriptor).size, segmentSizeBytes);
      let done = 0;
      while (done < length) {
        const read = readSync(descriptor, buffer, done, length - done, done);
        if (read === 0) break;
        done += read;
      }
      return buffer.subarray(0, done);
    } catch (error) {
      throw unreadable(path, error);
    } finally {
      closeSync(descriptor);
    }
  };
}

function open(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): RedoubtError {
  return new RedoubtError(
    'infrastructure',
    'wal-unreadable',
    `cannot read the WAL segment ${path}: ${String(cause)}`,
    { cause },
  );
}
