import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Client } from 'pg';

import { RedoubtError } from '../error.ts';
import type { Host } from '../host/engine.ts';
import type { Progress } from '../host/progress.ts';
import { removeTree } from '../host/remove-tree.ts';
import { temporaryDirectory } from '../host/run-directory.ts';
import { systemError } from '../host/system-error.ts';
import type { CapturedWork } from './captured-work.ts';
import { readCollationVersions, type CollationVersion } from './collation-version.ts';
import type { ControlFile } from './control-file.ts';
import { copyTree } from './copy-tree.ts';
import { readDataDirectoryState } from './data-directory-state.ts';
import { makeRecoveryOracle, removeWal } from './recovery-oracle.ts';
import { RelationNames, type RelationName } from './relation-name.ts';
import { startServer, type RunningServer } from './server.ts';
import { giveToServer } from './server-uid.ts';
import { statementsWork } from './statements-work.ts';
import { readDatabaseContents, type DatabaseContents } from './table-contents.ts';
import { moveSegments, type WalRange } from './wal-files.ts';
import { walServerSettings, type WalSettings } from './wal-settings.ts';
import type { Workload } from './workload.ts';

/** On what to capture, and where to. */
export interface CapturePlace {
  /** The compute image. */
  readonly host: Host;
  readonly major: number;
  /** Runs initdb of that major: `directory` exists, is empty, and belongs to uid 65534, as its contents must. */
  readonly makeDataDirectory: (directory: string) => Promise<void>;
  readonly wal: WalSettings;
  /** Must not exist; everything of the capture is made in it. Nothing of it remains when this fails. */
  readonly directory: string;
  /** The base is what initdb left, and all else, the setup included, is in the WAL. */
  readonly isWholeLife?: boolean;
  readonly progress: Progress;
}

/** What to capture, on what, and where to. */
export interface CaptureOptions extends CapturePlace {
  readonly workload: Workload;
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
  /** Of a capture whose base is what initdb left: what the primary's tables held in the end. */
  readonly contents?: DatabaseContents;
  readonly workload: { readonly name: string; readonly scale: string; readonly digest: string };
  readonly wal: WalSettings;
  readonly checksums: boolean;
  readonly flavour: 'vanilla';
}

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
 * Makes a data directory, lets the work's setup happen, keeps a copy of the cleanly stopped cluster as the base, lets the
 * work happen, stops cleanly, and lets the image's own server recover the base as the oracle. Throws what its steps
 * throw: errors of kind `infrastructure` or `usage`, never a verdict.
 */
export async function captureWork(place: CapturePlace, work: CapturedWork): Promise<Capture> {
  const { directory } = place;
  try {
    await mkdir(directory);
  } catch (error) {
    throw systemError(`cannot make the folder of the capture ${directory}`, error);
  }
  try {
    return await captureInto(place, work);
  } catch (error) {
    await removeTree(directory);
    throw error;
  }
}

/** {@link captureWork} for statements that are sent through `pg`. */
export function captureWorkload(options: CaptureOptions): Promise<Capture> {
  return captureWork(options, statementsWork(options.workload, options.major, options.progress));
}

async function captureInto(place: CapturePlace, work: CapturedWork): Promise<Capture> {
  const { host, major, directory, wal, progress } = place;
  const phase = `capture ${String(major)}`;
  const baseDirectory = join(directory, 'base');
  const walDirectory = join(directory, 'wal');
  const oracleDirectory = join(directory, 'oracle');
  const primaryDirectory = join(directory, 'primary');
  await using sockets = await temporaryDirectory('the socket of a server');

  progress(phase, 'initdb');
  await makePrivateDirectory(primaryDirectory);
  await place.makeDataDirectory(primaryDirectory);

  const names = new RelationNames();
  const start = (part: 'setup' | 'work'): Promise<RunningServer> =>
    startServer({
      host,
      major,
      dataDirectory: primaryDirectory,
      socketDirectory: sockets.path,
      settings: { ...primarySettings(wal, major), ...work.settings[part] },
      mounts: work.mounts,
    });
  const isWholeLife = place.isWholeLife === true;
  if (!isWholeLife) await onServer(start('setup'), (server) => work.setup(server, names));

  progress(phase, 'base');
  const before = await requireShutdownCheckpoint(primaryDirectory);
  await copyTree(primaryDirectory, baseDirectory);
  await removeWal(baseDirectory);

  const learned = await onServer(start('work'), async (server) => {
    if (isWholeLife) await work.setup(server, names);
    await work.work(server, names);
    const collations = await asked(server, work.database, (client) => readCollationVersions(client, major));
    const contents = isWholeLife ? await asked(server, work.database, readDatabaseContents) : undefined;
    return {
      collations,
      serverVersion: server.version,
      ...(contents === undefined ? {} : { contents }),
    };
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
    settings: work.settings.work,
  });

  return {
    directory,
    major,
    ...learned,
    systemIdentifier: String(after.systemIdentifier),
    timeline: range.timeline,
    walSegmentSizeBytes: range.segmentSizeBytes,
    startLsn: range.startLsn,
    endLsn: range.endLsn,
    baseDirectory,
    walDirectory,
    oracleDirectory,
    relations: names.all(),
    workload: { name: work.name, scale: work.scale, digest: work.digest },
    wal,
    checksums: after.dataChecksumVersion !== 0,
    flavour: 'vanilla',
  };
}

/** Starts the server, and stops it cleanly after `use`. */
async function onServer<Value>(
  start: Promise<RunningServer>,
  use: (server: RunningServer) => Promise<Value>,
): Promise<Value> {
  await using server = await start;
  const value = await use(server);
  await server.stop('fast');
  return value;
}

/** What a session in one database says. */
async function asked<Value>(
  server: RunningServer,
  database: string,
  ask: (client: Client) => Promise<Value>,
): Promise<Value> {
  const client = await server.connect(database);
  try {
    return await ask(client);
  } finally {
    await client.end();
  }
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
