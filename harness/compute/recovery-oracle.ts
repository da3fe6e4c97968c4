import { readdir, rm, writeFile, chown } from 'node:fs/promises';
import { join } from 'node:path';

import type { RedoubtError } from '../error.ts';
import { describeEnding } from '../host/describe-ending.ts';
import type { Host } from '../host/engine.ts';
import { systemError } from '../host/system-error.ts';
import { within } from '../host/within.ts';
import { copyTree } from './copy-tree.ts';
import { readDataDirectoryState } from './data-directory-state.ts';
import { formatLsn } from './lsn.ts';
import { serverFailure } from './server-failure.ts';
import { startServerProcess } from './server-process.ts';
import { serverUid } from './server-uid.ts';
import { copySegments, type WalRange } from './wal-files.ts';

/** What to recover, with what, and where to. */
export interface RecoveryOptions {
  readonly host: Host;
  readonly major: number;
  /** A data directory at rest; it is copied, not changed. */
  readonly baseDirectory: string;
  readonly walDirectory: string;
  /** From the base's checkpoint to the primary's shutdown checkpoint; `endLsn` is where that record begins. */
  readonly range: WalRange;
  /** Made here: the recovered data directory, without WAL. */
  readonly oracleDirectory: string;
  /** Most time that replay may take; default five minutes. */
  readonly timeoutMs?: number;
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Lets the compute image's own server replay the WAL as a standby that serves no queries, up to and including the
 * primary's shutdown checkpoint, and end there. On its way out the server makes a restartpoint at that checkpoint, which
 * writes every page it changed: what is on disk then is what recovery makes of each page, hint bits and all.
 *
 * Throws `oracle-incomplete` (infrastructure: nothing may be judged by it) unless pg_control afterwards says that
 * recovery was shut down with a restartpoint at exactly that checkpoint; a recovery that stopped earlier leaves stale
 * pages on disk.
 */
export async function makeRecoveryOracle(options: RecoveryOptions): Promise<void> {
  const { baseDirectory, oracleDirectory, walDirectory, range } = options;
  await copyTree(baseDirectory, oracleDirectory);
  await copySegments(walDirectory, oracleDirectory, range, serverUid);
  await signalStandby(oracleDirectory);
  const logFile = await replay(options);
  const { control } = await readDataDirectoryState(oracleDirectory);
  const wanted = formatLsn(range.endLsn);
  if (control.state !== 'shut down in recovery') {
    throw await incomplete(options, logFile, `pg_control says "${control.state}"`);
  }
  if (control.checkpointLsn !== range.endLsn) {
    throw await incomplete(
      options,
      logFile,
      `its last restartpoint is at ${formatLsn(control.checkpointLsn)}, not at the shutdown checkpoint ${wanted}`,
    );
  }
  await removeWal(oracleDirectory);
}

/** Returns the path of the server's log. */
async function replay(options: RecoveryOptions): Promise<string> {
  const { host, major, oracleDirectory, range } = options;
  const started = await startServerProcess({
    host,
    major,
    dataDirectory: oracleDirectory,
    settings: {
      // Queries set hint bits.
      hot_standby: 'off',
      recovery_target_lsn: formatLsn(range.endLsn),
      recovery_target_inclusive: 'on',
      recovery_target_action: 'shutdown',
      recovery_target_timeline: 'current',
      shared_buffers: '128MB',
      // No restartpoint but the last one, and nothing in pg_wal that is renamed or removed.
      checkpoint_timeout: '1d',
      max_wal_size: '64GB',
      wal_keep_size: '64GB',
      wal_recycle: 'off',
      ...options.settings,
    },
  });
  await using process = started.process;
  const timeoutMs = options.timeoutMs ?? 300_000;
  const result = await within(process.result, timeoutMs);
  const { logFile } = started;
  if (result === undefined) {
    throw await incomplete(options, logFile, `it still waits for WAL after ${String(timeoutMs / 1000)} s`);
  }
  if (result.ending.kind !== 'exited' || result.ending.exitCode !== 0) {
    throw await incomplete(options, logFile, `it ${describeEnding(result.ending)}`);
  }
  return logFile;
}

async function signalStandby(dataDirectory: string): Promise<void> {
  const path = join(dataDirectory, 'standby.signal');
  try {
    await writeFile(path, '');
    await chown(path, serverUid, serverUid);
  } catch (error) {
    throw systemError(`cannot write ${path}`, error);
  }
}

/** Empties `pg_wal`: the segments are in the capture's WAL folder once already. */
export async function removeWal(dataDirectory: string): Promise<void> {
  const directory = join(dataDirectory, 'pg_wal');
  try {
    for (const entry of await readdir(directory)) await rm(join(directory, entry), { recursive: true });
  } catch (error) {
    throw systemError(`cannot empty ${directory}`, error);
  }
}

function incomplete(options: RecoveryOptions, logFile: string, why: string): Promise<RedoubtError> {
  const { host, major, baseDirectory, range } = options;
  return serverFailure({
    code: 'oracle-incomplete',
    message: `Recovery of ${baseDirectory} by PostgreSQL ${String(major)} in ${host.name} is no oracle: ${why}`,
    logFile,
    details: { host: host.name, major, wantedLsn: formatLsn(range.endLsn), why },
  });
}
