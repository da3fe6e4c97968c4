import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Client } from 'pg';

import { RedoubtError } from '../error.ts';
import { describeEnding } from '../host/describe-ending.ts';
import type { ProcessResult } from '../host/engine.ts';
import { systemError } from '../host/system-error.ts';
import { within } from '../host/within.ts';
import { readDataDirectoryState, requireClean } from './data-directory-state.ts';
import { serverFailure } from './server-failure.ts';
import { giveToServer } from './server-uid.ts';
import { startServerProcess, type ServerProcess, type ServerProcessOptions } from './server-process.ts';

/** How to start a server that sessions can reach. */
export interface ServerOptions extends ServerProcessOptions {
  /** A folder of the machine in which the Unix socket appears; it is given to the server's uid. Its path must be short. */
  readonly socketDirectory: string;
}

/** `fast` ends sessions and makes a shutdown checkpoint; `immediate` leaves the data directory as a crash would. */
export type StopMode = 'fast' | 'immediate';

/** A server that accepts connections. Disposing it kills it; `stop` ends it properly. */
export interface RunningServer extends AsyncDisposable {
  readonly major: number;
  /** As in `15.20`. */
  readonly version: string;
  readonly dataDirectory: string;
  /** The folder of the machine that holds the Unix socket. */
  readonly socketDirectory: string;
  readonly logFile: string;
  /** A connected session of the superuser `cloud_admin`; the caller ends it. */
  connect(database?: string): Promise<Client>;
  /** Waits, not for long, until a server that loses its sessions is gone: its last words are in the log then. */
  settle(): Promise<void>;
  /**
   * Ends the server and waits until it is gone. Throws `server-stop-failed` when it does not end within two minutes or
   * ends otherwise than with 0, and after `fast` `data-directory-not-clean` when pg_control does not say so.
   */
  stop(mode: StopMode): Promise<void>;
}

/** Where a process inside the image finds the socket. */
export const socketTarget = '/redoubt/socket';

/** `sun_path` of sockaddr_un holds 108 bytes, the last of them zero. */
const maxSocketPathBytes = 107;

const startTimeoutMs = 60_000;
const stopTimeoutMs = 120_000;
const settleTimeoutMs = 5000;
const readinessIntervalMs = 10;

/** The superuser that a pageserver's initdb makes. */
export const superuser = 'cloud_admin';

/**
 * Starts a server and waits until it accepts connections. Throws `server-start-failed` (infrastructure) with the end of
 * the server's log, `socket-path-too-long` (usage), or what {@link startServerProcess} throws.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  await prepareSocketDirectory(options.socketDirectory);
  const started = await startServerProcess({
    ...options,
    settings: { unix_socket_directories: socketTarget, ...options.settings },
    mounts: [
      { source: options.socketDirectory, target: socketTarget, readOnly: false },
      ...(options.mounts ?? []),
    ],
  });
  const { process, program, logFile } = started;
  try {
    await waitUntilReady(options, started);
  } catch (error) {
    await process.kill();
    throw error;
  }
  return {
    major: options.major,
    version: program.version,
    dataDirectory: options.dataDirectory,
    socketDirectory: options.socketDirectory,
    logFile,
    connect: (database) => connect(options, started, database ?? 'postgres'),
    settle: async () => {
      await within(process.result, settleTimeoutMs);
    },
    stop: (mode) => stop(options, started, mode),
    [Symbol.asyncDispose]: async () => {
      await process.kill();
    },
  };
}

async function prepareSocketDirectory(directory: string): Promise<void> {
  const path = join(directory, '.s.PGSQL.5432');
  if (Buffer.byteLength(path) > maxSocketPathBytes) {
    throw new RedoubtError(
      'usage',
      'socket-path-too-long',
      `${path} has ${String(Buffer.byteLength(path))} bytes; a Unix socket's path can have ${String(maxSocketPathBytes)}`,
      { remedy: 'Set TMPDIR to a shorter path.', details: { path } },
    );
  }
  await giveToServer(directory);
}

async function waitUntilReady(options: ServerOptions, started: ServerProcess): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  while (performance.now() < deadline) {
    if (await isReady(options.dataDirectory)) return;
    const result = await within(started.process.result, readinessIntervalMs);
    if (result !== undefined)
      throw await startFailed(options, started, `it ${describeEnding(result.ending)}`);
  }
  throw await startFailed(options, started, `not ready after ${String(startTimeoutMs / 1000)} s`);
}

/** The postmaster writes its state as the eighth line of postmaster.pid (utils/pidfile.h, majors 10 and later). */
async function isReady(dataDirectory: string): Promise<boolean> {
  try {
    const lines = (await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8')).split('\n');
    return lines[7]?.trim() === 'ready';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw systemError(`cannot read postmaster.pid in ${dataDirectory}`, error);
  }
}

function startFailed(options: ServerOptions, started: ServerProcess, why: string): Promise<RedoubtError> {
  return serverFailure({
    code: 'server-start-failed',
    message: `${nameOf(options, started)} did not start: ${why}`,
    logFile: started.logFile,
    details: { host: options.host.name, why },
  });
}

function nameOf(options: ServerOptions, started: ServerProcess): string {
  return `PostgreSQL ${started.program.version} in ${options.host.name}`;
}

async function connect(options: ServerOptions, started: ServerProcess, database: string): Promise<Client> {
  const client = new Client({
    host: options.socketDirectory,
    port: 5432,
    user: superuser,
    database,
    ssl: false,
    // Given, so that PGOPTIONS of the harness's own environment is not.
    options: '-c client_encoding=UTF8',
    connectionTimeoutMillis: startTimeoutMs,
  });
  // A session that loses its server while idle; whoever uses it next gets the error from its query.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (cause) {
    throw await serverFailure({
      code: 'server-connect-failed',
      message: `${nameOf(options, started)} refuses a session in database ${database}: ${String(cause)}`,
      logFile: started.logFile,
      cause,
    });
  }
  return client;
}

async function stop(options: ServerOptions, started: ServerProcess, mode: StopMode): Promise<void> {
  started.process.signal(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
  const result: ProcessResult | undefined = await within(started.process.result, stopTimeoutMs);
  if (result === undefined) {
    await started.process.kill();
    throw await stopFailed(options, started, `still running after ${String(stopTimeoutMs / 1000)} s`);
  }
  if (result.ending.kind !== 'exited' || result.ending.exitCode !== 0) {
    throw await stopFailed(options, started, `it ${describeEnding(result.ending)}`);
  }
  if (mode === 'fast') {
    const { control } = await readDataDirectoryState(options.dataDirectory);
    requireClean(options.dataDirectory, control);
  }
}

function stopFailed(options: ServerOptions, started: ServerProcess, why: string): Promise<RedoubtError> {
  return serverFailure({
    code: 'server-stop-failed',
    message: `${nameOf(options, started)} did not stop cleanly: ${why}`,
    logFile: started.logFile,
    details: { host: options.host.name, why },
  });
}
