import { chown, copyFile, mkdir, rename, stat } from 'node:fs/promises';
import { constants } from 'node:fs';
import { join } from 'node:path';

import { RedoubtError } from '../error.ts';
import { systemError } from '../host/system-error.ts';

/** A stretch of WAL: from the segment that holds `startLsn` to the one that holds `endLsn`, both included. */
export interface WalRange {
  readonly timeline: number;
  readonly startLsn: number;
  readonly endLsn: number;
  readonly segmentSizeBytes: number;
}

/** The file names of the segments of a range, in order (access/xlog_internal.h, XLogFileName, majors 14 to 18). */
export function segmentFileNames(range: WalRange): readonly string[] {
  const { timeline, startLsn, endLsn, segmentSizeBytes } = range;
  const segmentsPerId = 0x1_0000_0000 / segmentSizeBytes;
  const names: string[] = [];
  const last = Math.floor(endLsn / segmentSizeBytes);
  for (let segment = Math.floor(startLsn / segmentSizeBytes); segment <= last; segment++) {
    const parts = [timeline, Math.floor(segment / segmentsPerId), segment % segmentsPerId];
    names.push(parts.map((part) => part.toString(16).toUpperCase().padStart(8, '0')).join(''));
  }
  return names;
}

/**
 * Moves the segments of `range` out of a stopped server's `pg_wal` into `walDirectory`, made for them, on the same file
 * system. Throws `wal-segment-missing` (infrastructure) when one was recycled.
 */
export async function moveSegments(
  dataDirectory: string,
  walDirectory: string,
  range: WalRange,
): Promise<void> {
  try {
    await mkdir(walDirectory, { recursive: true });
    for (const name of segmentFileNames(range)) {
      const source = join(dataDirectory, 'pg_wal', name);
      await requireSegment(source, range.segmentSizeBytes);
      await rename(source, join(walDirectory, name));
    }
  } catch (error) {
    throw systemError(`cannot move the WAL of ${dataDirectory}`, error);
  }
}

/** Copies the segments of `range` into the `pg_wal` of a data directory, owned by `uid`; throws `wal-segment-missing`. */
export async function copySegments(
  walDirectory: string,
  dataDirectory: string,
  range: WalRange,
  uid: number,
): Promise<void> {
  try {
    for (const name of segmentFileNames(range)) {
      const source = join(walDirectory, name);
      await requireSegment(source, range.segmentSizeBytes);
      const target = join(dataDirectory, 'pg_wal', name);
      await copyFile(source, target, constants.COPYFILE_FICLONE);
      await chown(target, uid, uid);
    }
  } catch (error) {
    throw systemError(`cannot copy WAL into ${dataDirectory}`, error);
  }
}

async function requireSegment(path: string, segmentSizeBytes: number): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size !== segmentSizeBytes) {
    throw new RedoubtError(
      'infrastructure',
      'wal-segment-missing',
      size === 0
        ? `The WAL segment ${path} is missing`
        : `The WAL segment ${path} has ${String(size)} of ${String(segmentSizeBytes)} bytes`,
      {
        remedy: 'Capture again: without the whole WAL nothing can be judged.',
        details: { path, sizeBytes: size },
      },
    );
  }
}
