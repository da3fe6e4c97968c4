import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Client } from 'pg';

import { RedoubtError } from '../error.ts';
import type { Host } from '../host/engine.ts';
import type { Progress } from '../host/progress.ts';
import { removeTree } from '../host/remove-tree.ts';
import { temporaryDirectory } from '../host/run-directory.ts';
import { systemError } from '../host/system-error.ts';
import { readCollationVersions, type CollationVersion } from './collation-version.ts';
import type { ControlFile } from './control-file.ts';
import { copyTree } from './copy-tree.ts';
import { readDataDirectoryState } from './data-directory-state.ts';
import { makeRecoveryOracle, removeWal } from './recovery-oracle.ts';
import { RelationNames, readRelationNames, type RelationName } from './relation-name.ts';
import { runScripts, setParameters } from './run-workload.ts';
import { serverFailure } from './server-failure.ts';
import { startServer, type RunningServer } from './server.ts';
import { giveToServer } from './server-uid.ts';
import { moveSegments, type WalRange } from './wal-files.ts';
import { walServerSettings, type WalSettings } from './wal-settings.ts';
import { workloadTarget, type Workload, type WorkloadScript } from './workload.ts';

/** What to capture, on what, and where to. */
export interface CaptureOptions {
  /** The compute image. */
  readonly host: Host;
  readonly major: number;
  /** Runs initdb of that major: `directory` exists, is empty, and belongs to uid 65534, as its contents must. */
  readonly makeDataDirectory: (directory: string) => Promise<void>;
  readonly workload: Workload;
  readonly wal: WalSettings;
  /** Must not exist; everything of the capture is made in it. Nothing of it remains when this fails. */
  readonly directory: string;
  readonly progress: Progress;
}

/** Base, WAL and oracle pages of one workload on one compute image. LSNs are byte positions. */
export interface Capture {
  readonly directory: string;
  readonly major: number;
  /** As in `15.20`. */
  readonly serverVersion: string;
  readonly systemIdentifier: string;
  readonly timeline: number;
  readonly walSegmentSizeBytes: number;
  /**
   * Start of the base's shutdown checkpoint record, which is also its redo point: the first record to read. It and
   * everything before it is in the base already; it changes no page.
   */
  readonly startLsn: number;
  /** Start of the primary's shutdown checkpoint record: the last record to read, and it changes no page either. */
  readonly endLsn: number;
  /** The primary's data directory at rest at `startLsn`, without WAL. */
  readonly baseDirectory: string;
  /** The whole segments from the one that holds `startLsn` to the one that holds `endLsn`. */
  readonly walDirectory: string;
  /** What recovery made of base and WAL, at `endLsn`, without WAL. */
  readonly oracleDirectory: string;
  /** Every relation that had storage before the work, after a script of it, or at its end. */
  readonly relations: readonly RelationName[];
  readonly collations: readonly CollationVersion[];
  readonly workload: { readonly name: string; readonly scale: string; readonly digest: string };
  readonly wal: WalSettings;
  readonly checksums: boolean;
  readonly flavour: 'vanilla';
}

/** ERRCODE_DISK_FULL (utils/errcodes.txt). */
const diskFullSqlState = '53100';

/** The primary: WAL as a compute writes it, all of it kept, and no page changed behind the session's back. */
function primarySettings(wal: WalSettings, major: number): Readonly<Record<string, string>> {
  return {
    ...walServerSettings(wal, major),
    wal_level: 'replica',
    // Vacuum leaves a page alone whose rows a commit not yet flushed has written: chance.
    synchronous_commit: 'on',
    shared_buffers: '256MB',
    checkpoint_timeout: '1d',
    max_wal_size: '64GB',
    wal_keep_size: '64GB',
    wal_recycle: 'off',
    wal_init_zero: 'off',
    archive_mode: 'off',
    // A workload that hangs is an error, not a run without end.
    statement_timeout: '10min',
  };
}

/**
 * Makes a data directory, runs the workload's setup, keeps a copy of the cleanly stopped cluster as the base, runs the
 * work, stops cleanly, and lets the image's own server recover the base as the oracle. Throws what its steps throw:
 * errors of kind `infrastructure` or `usage`, never a verdict.
 */
export async function captureWorkload(options: CaptureOptions): Promise<Capture> {
  const { directory } = options;
  try {
    await mkdir(directory);
  } catch (error) {
    throw systemError(`cannot make the folder of the capture ${directory}`, error);
  }
  try {
    return await captureInto(options);
  } catch (error) {
    await removeTree(directory);
    throw error;
  }
}

async function captureInto(options: CaptureOptions): Promise<Capture> {
  const { host, major, directory, workload, progress } = options;
  const phase = `capture ${String(major)}`;
  const baseDirectory = join(directory, 'base');
  const walDirectory = join(directory, 'wal');
  const oracleDirectory = join(directory, 'oracle');
  const primaryDirectory = join(directory, 'primary');
  await using sockets = await temporaryDirectory('the socket of a server');

  progress(phase, 'initdb');
  await makePrivateDirectory(primaryDirectory);
  await options.makeDataDirectory(primaryDirectory);

  const names = new RelationNames();
  const start = (phase: 'setup' | 'work') => (): Promise<RunningServer> =>
    startServer({
      host,
      major,
      dataDirectory: primaryDirectory,
      socketDirectory: sockets.path,
      settings: { ...primarySettings(options.wal, major), ...workload.settings[phase] },
      mounts: [{ source: workload.directory, target: workloadTarget, readOnly: true }],
    });
  await inSession(start('setup'), workload, async (client) => {
    await runScripts(client, workload, scriptsOf(workload.setup, major), progress, `${phase}: setup`);
    names.add(await readRelationNames(client));
  });

  progress(phase, 'base');
  const before = await requireShutdownCheckpoint(primaryDirectory);
  await copyTree(primaryDirectory, baseDirectory);
  await removeWal(baseDirectory);

  const work = await inSession(start('work'), workload, async (client, server) => {
    await runScripts(
      client,
      workload,
      scriptsOf(workload.work, major),
      progress,
      `${phase}: work`,
      async () => {
        names.add(await readRelationNames(client));
      },
    );
    return { collations: await readCollationVersions(client, major), serverVersion: server.version };
  });

  const after = await requireShutdownCheckpoint(primaryDirectory);
  const range: WalRange = {
    timeline: after.timeline,
    startLsn: before.checkpointLsn,
    endLsn: after.checkpointLsn,
    segmentSizeBytes: after.walSegmentSizeBytes,
  };
  await moveSegments(primaryDirectory, walDirectory, range);
  await removeTree(primaryDirectory);

  progress(phase, 'recovery');
  await makeRecoveryOracle({
    host,
    major,
    baseDirectory,
    walDirectory,
    range,
    oracleDirectory,
    settings: workload.settings.work,
  });

  return {
    directory,
    major,
    serverVersion: work.serverVersion,
    systemIdentifier: String(after.systemIdentifier),
    timeline: range.timeline,
    walSegmentSizeBytes: range.segmentSizeBytes,
    startLsn: range.startLsn,
    endLsn: range.endLsn,
    baseDirectory,
    walDirectory,
    oracleDirectory,
    relations: names.all(),
    collations: work.collations,
    workload: { name: workload.name, scale: workload.scale, digest: workload.digest },
    wal: options.wal,
    checksums: after.dataChecksumVersion !== 0,
    flavour: 'vanilla',
  };
}

/** The scripts that a major understands. */
function scriptsOf(scripts: readonly WorkloadScript[], major: number): readonly WorkloadScript[] {
  return scripts.filter(({ sinceMajor }) => sinceMajor <= major);
}

/** Starts the server, opens a session with the workload's parameters, and stops the server cleanly after `use`. */
async function inSession<Value>(
  start: () => Promise<RunningServer>,
  workload: Workload,
  use: (client: Client, server: RunningServer) => Promise<Value>,
): Promise<Value> {
  await using server = await start();
  const client = await server.connect();
  let value: Value;
  try {
    await setParameters(client, workload);
    value = await use(client, server);
  } catch (error) {
    throw await withServerLog(error, server);
  } finally {
    await client.end();
  }
  await server.stop('fast');
  return value;
}

/** A statement's failure that the server's log explains better: the session was lost, or the disk is full. */
async function withServerLog(error: unknown, server: RunningServer): Promise<unknown> {
  if (!(error instanceof RedoubtError) || error.code !== 'workload-statement-failed') return error;
  const { sqlState } = error.details;
  if (sqlState !== null && sqlState !== diskFullSqlState) return error;
  return serverFailure({
    code: sqlState === null ? 'server-lost' : 'disk-full',
    message: error.message,
    logFile: server.logFile,
    details: error.details,
    cause: error,
  });
}

/** The control file of a stopped primary, whose last checkpoint must be one of a shutdown: its redo point is itself. */
async function requireShutdownCheckpoint(dataDirectory: string): Promise<ControlFile> {
  const { control } = await readDataDirectoryState(dataDirectory);
  if (control.state === 'shut down' && control.redoLsn === control.checkpointLsn) return control;
  throw new RedoubtError(
    'infrastructure',
    'capture-not-at-rest',
    `${dataDirectory} is "${control.state}", not at rest after a shutdown checkpoint`,
    {
      remedy: 'Capture again; if it happens again, look at the log beside the data directory.',
      details: { dataDirectory, state: control.state },
    },
  );
}

async function makePrivateDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    throw systemError(`cannot make ${path}`, error);
  }
  await giveToServer(path);
}
