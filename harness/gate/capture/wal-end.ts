import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

import { RedoubtError } from '../../error.ts';
import { walDirectory } from '../../redo/lineage/wal-directory.ts';
import { formatLsn } from '../../wal/lsn.ts';
import { recordKind, rmgrIds, rmgrName } from '../../wal/names.ts';
import { longPageHeaderSizeBytes, readSegmentHeader, type SegmentHeader } from '../../wal/page-header.ts';
import { RecordReader } from '../../wal/record-reader.ts';
import { parseSegmentFileName, segmentFileName, segmentNumberOf } from '../../wal/segment.ts';
import { majorOfPageMagic } from '../../wal/wal-format.ts';

/** A folder of WAL segments, and the data directory at rest that they must follow. */
export interface FollowingWal {
  readonly directory: string;
  readonly major: number;
  readonly timeline: number;
  readonly segmentSizeBytes: number;
  readonly systemIdentifier: bigint;
  /** Start of the shutdown checkpoint record of the data directory. */
  readonly startLsn: number;
}

/** Beyond every LSN that a server reaches. */
const noEndLsn = 2 ** 52;
const shutdownCheckpoint = 0x00;
const infoMask = 0xf0;

/**
 * Reads the WAL from the base's checkpoint to where it ends and returns the start of its last record, which must be the
 * shutdown checkpoint of the primary.
 * @throws RedoubtError `wal-segment-missing`, `wal-other-cluster`, `wal-other-major`, `wal-not-shut-down` (usage), or what
 * the reader throws for WAL that is damaged.
 */
export function findShutdownCheckpoint(wal: FollowingWal): number {
  const { directory, major, timeline, segmentSizeBytes, systemIdentifier, startLsn } = wal;
  checkFirstSegment(wal);
  const source = walDirectory(directory, timeline, segmentSizeBytes);
  const reader = new RecordReader({
    source,
    major,
    timeline,
    startLsn,
    endLsn: noEndLsn,
    segmentSizeBytes,
    systemIdentifier,
  });
  let last = { startLsn, endLsn: startLsn, kind: '', isShutdown: false };
  try {
    for (let raw = reader.next(); raw !== undefined; raw = reader.next()) {
      const [info, rmgrId] = [raw.bytes.readUInt8(raw.offset + 16), raw.bytes.readUInt8(raw.offset + 17)];
      const isShutdown = rmgrId === rmgrIds.xlog && (info & infoMask) === shutdownCheckpoint;
      const kind = `${rmgrName(rmgrId, major)} ${recordKind(rmgrId, info, major)}`;
      last = { startLsn: raw.startLsn, endLsn: raw.endLsn, kind, isShutdown };
    }
  } catch (error) {
    if (!(error instanceof RedoubtError) || error.code !== 'wal-ends-early') throw error;
  }
  refuseHole(wal, last.endLsn);
  if (last.isShutdown && last.startLsn > startLsn) return last.startLsn;
  throw new RedoubtError(
    'usage',
    'wal-not-shut-down',
    last.startLsn === startLsn
      ? `the WAL in ${directory} ends at the checkpoint ${formatLsn(startLsn)} of the base: there is nothing to replay`
      : `the WAL in ${directory} ends at ${formatLsn(last.endLsn)} with ${last.kind}, not with the shutdown checkpoint of the primary`,
    {
      remedy: 'Stop the primary cleanly (pg_ctl stop -m fast), and take all of its pg_wal.',
      details: { directory, endLsn: formatLsn(last.endLsn) },
    },
  );
}

function checkFirstSegment(wal: FollowingWal): void {
  const { directory, major, timeline, segmentSizeBytes, systemIdentifier, startLsn } = wal;
  const name = segmentFileName(timeline, segmentNumberOf(startLsn, segmentSizeBytes), segmentSizeBytes);
  const header = headerOf(join(directory, name));
  if (header === undefined) {
    throw new RedoubtError(
      'usage',
      'wal-segment-missing',
      `${directory} has no WAL segment ${name}, with which the WAL behind the base must begin (its checkpoint is at ${formatLsn(startLsn)})`,
      { remedy: 'Name the folder that has every segment since the base was stopped.', details: { name } },
    );
  }
  if (header.systemIdentifier !== systemIdentifier) {
    throw new RedoubtError(
      'usage',
      'wal-other-cluster',
      `the WAL in ${directory} is of the cluster ${String(header.systemIdentifier)}, the base of ${String(systemIdentifier)}`,
      { remedy: 'Name a base and WAL of one cluster.' },
    );
  }
  const walMajor = majorOfPageMagic(header.pageMagic);
  if (walMajor !== undefined && walMajor !== major) {
    throw new RedoubtError(
      'usage',
      'wal-other-major',
      `the WAL in ${directory} is of PostgreSQL ${String(walMajor)}, the base of ${String(major)}`,
      { remedy: 'Name a base and WAL of one cluster.' },
    );
  }
}

/** A segment that is not there makes the WAL end; segments behind it that go on show that it does not. */
function refuseHole({ directory, timeline, segmentSizeBytes }: FollowingWal, endLsn: number): void {
  for (const file of readdirSync(directory)) {
    const name = parseSegmentFileName(file, segmentSizeBytes);
    if (name?.timeline !== timeline || name.partial) continue;
    const firstLsn = name.segmentNumber * segmentSizeBytes;
    if (firstLsn < endLsn || headerOf(join(directory, file))?.pageAddress !== firstLsn) continue;
    if (firstLsn === endLsn) continue;
    throw new RedoubtError(
      'usage',
      'wal-segment-missing',
      `the WAL in ${directory} cannot be read beyond ${formatLsn(endLsn)}, but ${file} goes on behind that: something is missing between them`,
      { remedy: 'Name the folder that has every segment since the base was stopped.', details: { file } },
    );
  }
}

/** What a segment file says of itself; undefined when it is not there or not one. */
function headerOf(path: string): SegmentHeader | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new RedoubtError('infrastructure', 'wal-unreadable', `cannot read ${path}: ${String(error)}`, {
      cause: error,
    });
  }
  try {
    const bytes = Buffer.alloc(longPageHeaderSizeBytes);
    return readSync(descriptor, bytes) === bytes.length ? readSegmentHeader(bytes) : undefined;
  } finally {
    closeSync(descriptor);
  }
}
