import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { adoptBase } from '../../compute/adopt-base.ts';
import { readAttachedNames } from '../../compute/attached-names.ts';
import type { Capture } from '../../compute/capture.ts';
import { readDataDirectoryState, requireUsable } from '../../compute/data-directory-state.ts';
import { makeRecoveryOracle } from '../../compute/recovery-oracle.ts';
import { findServerProgram } from '../../compute/server-program.ts';
import { recordsOnly } from '../../compute/wal-settings.ts';
import type { Host } from '../../host/engine.ts';
import type { Progress } from '../../host/progress.ts';
import { removeTree } from '../../host/remove-tree.ts';
import { findShutdownCheckpoint } from './wal-end.ts';

/** A data directory at rest that somebody has, the WAL that follows it, and the compute image that recovers both. */
export interface AttachOptions {
  readonly host: Host;
  readonly major: number;
  /** A cold copy of the primary, stopped cleanly. It is read only. */
  readonly baseDirectory: string;
  /** All segments from the base's checkpoint to the primary's shutdown checkpoint: a folder, or the primary's data directory. */
  readonly walDirectory: string;
  /** Must not exist; made for the copy of the base and the oracle. */
  readonly directory: string;
  readonly progress: Progress;
}

/** Enough for whatever the primary had: a standby that serves no queries takes no memory for them. */
const recoverySettings: Readonly<Record<string, string>> = {
  max_prepared_transactions: '1000',
  track_commit_timestamp: 'on',
};

/**
 * Makes a capture of a base and WAL that exist already. Relations that were dropped before its end have no names.
 * @throws RedoubtError of kind usage for a base that is not at rest, WAL of another cluster or major, WAL that begins too
 * late, has holes, or does not end with a shutdown checkpoint.
 */
export async function attachCapture(options: AttachOptions): Promise<Capture> {
  const { host, major, directory, progress } = options;
  const source = resolve(options.baseDirectory);
  const walDirectory = walFolder(resolve(options.walDirectory));
  const state = await readDataDirectoryState(source);
  requireUsable(source, state, major);
  const { control } = state;
  const { timeline, checkpointLsn: startLsn, walSegmentSizeBytes, systemIdentifier } = control;
  progress('attach', 'reading the WAL to its end');
  const endLsn = findShutdownCheckpoint({
    directory: walDirectory,
    major,
    timeline,
    segmentSizeBytes: walSegmentSizeBytes,
    systemIdentifier,
    startLsn,
  });
  const baseDirectory = join(directory, 'base');
  const oracleDirectory = join(directory, 'oracle');
  await mkdir(directory);
  progress('attach', 'copying the base');
  await adoptBase(source, baseDirectory);
  const range = { timeline, startLsn, endLsn, segmentSizeBytes: walSegmentSizeBytes };
  progress('attach', 'recovery');
  const { version: serverVersion } = await findServerProgram(host, major);
  await makeRecoveryOracle({
    host,
    major,
    baseDirectory,
    walDirectory,
    range,
    oracleDirectory,
    settings: recoverySettings,
  });
  progress('attach', 'asking for the names of relations');
  const scratchDirectory = join(directory, 'names');
  const { relations, collations } = await readAttachedNames({
    host,
    major,
    recoveredDirectory: oracleDirectory,
    walDirectory,
    range,
    scratchDirectory,
    settings: recoverySettings,
  });
  await removeTree(scratchDirectory);
  return {
    directory,
    major,
    serverVersion,
    systemIdentifier: String(systemIdentifier),
    timeline,
    walSegmentSizeBytes,
    startLsn,
    endLsn,
    baseDirectory,
    walDirectory,
    oracleDirectory,
    relations,
    collations,
    workload: { name: 'attached', scale: 'as it is', digest: 'not known' },
    wal: { ...recordsOnly, fullPageWrites: control.fullPageWrites },
    checksums: control.dataChecksumVersion !== 0,
    flavour: 'vanilla',
  };
}

/** A data directory has its WAL in pg_wal. */
function walFolder(path: string): string {
  const inside = join(path, 'pg_wal');
  return existsSync(inside) ? inside : path;
}
