import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import type { Host, Mount, RunningProcess } from '../host/engine.ts';
import { systemError } from '../host/system-error.ts';
import { readDataDirectoryState, requireUsable } from './data-directory-state.ts';
import { findServerProgram, type ServerProgram } from './server-program.ts';

/** How to start a server process on a data directory inside a compute image. */
export interface ServerProcessOptions {
  readonly host: Host;
  readonly major: number;
  /** On the machine; owned by uid 65534, mode 0700, as initdb makes it. */
  readonly dataDirectory: string;
  /** Given as `-c name=value`, after Redoubt's own. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What else the server may see, besides its data directory. */
  readonly mounts?: readonly Mount[];
}

/** A `postgres` that was started: perhaps not yet ready, perhaps already gone. */
export interface ServerProcess {
  readonly program: ServerProgram;
  readonly process: RunningProcess;
  /** The server's standard error on the machine. */
  readonly logFile: string;
}

const dataTarget = '/redoubt/data';

/** What every server of Redoubt has: reachable by a Unix socket at most, silent in English, and as short of chance as can be. */
const commonSettings: Readonly<Record<string, string>> = {
  listen_addresses: '',
  port: '5432',
  // Inside the image, where nobody can reach it; a server that cannot make a socket does not start.
  unix_socket_directories: '/tmp',
  unix_socket_permissions: '0700',
  logging_collector: 'off',
  log_destination: 'stderr',
  lc_messages: 'C',
  log_timezone: 'UTC',
  timezone: 'UTC',
  // A crash must be seen, not repaired behind our back.
  restart_after_crash: 'off',
  // Only a crash of the operating system could need it, and then the whole run is gone.
  fsync: 'off',
  huge_pages: 'off',
  autovacuum: 'off',
  // Its launcher takes snapshots at moments of its own, which keep vacuum from rows or do not.
  max_logical_replication_workers: '0',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  max_parallel_maintenance_workers: '0',
  synchronize_seqscans: 'off',
};

/**
 * Starts `postgres` on a data directory that is of the asked major, cleanly shut down, and in nobody's use. Throws what
 * {@link findServerProgram} and {@link requireUsable} throw.
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { host, major, dataDirectory } = options;
  requireUsable(dataDirectory, await readDataDirectoryState(dataDirectory), major);
  const program = await findServerProgram(host, major);
  const logFile = join(dirname(dataDirectory), `${basename(dataDirectory)}.log`);
  await rm(logFile, { force: true }).catch((error: unknown) => {
    throw systemError(`cannot remove the old log ${logFile}`, error);
  });
  const process = await host.start({
    argv: [
      `${program.directory}/postgres`,
      '-D',
      dataTarget,
      ...Object.entries({ ...commonSettings, ...options.settings }).flatMap(([name, value]) => [
        '-c',
        `${name}=${value}`,
      ]),
    ],
    env: { LC_ALL: 'C', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    systemMounts: true,
    mounts: [{ source: dataDirectory, target: dataTarget, readOnly: false }, ...(options.mounts ?? [])],
    stdin: { kind: 'null' },
    stdout: { kind: 'file', path: logFile, append: true },
    stderr: { kind: 'file', path: logFile, append: true },
  });
  return { program, process, logFile };
}
