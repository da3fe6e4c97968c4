import type { Client } from 'pg';

import { RedoubtError } from '../error.ts';
import type { Progress } from '../host/progress.ts';
import type { CapturedWork } from './captured-work.ts';
import { readRelationNames } from './relation-name.ts';
import { runScripts, setParameters } from './run-workload.ts';
import { serverFailure } from './server-failure.ts';
import type { RunningServer } from './server.ts';
import { workloadTarget, type Workload, type WorkloadScript } from './workload.ts';

/** ERRCODE_DISK_FULL (utils/errcodes.txt). */
const diskFullSqlState = '53100';

/** A workload of statements that are sent through `pg`, one session for the setup and one for the work. */
export function statementsWork(workload: Workload, major: number, progress: Progress): CapturedWork {
  const { name, scale, digest, settings } = workload;
  const phase = (part: string): string => `capture ${String(major)}: ${part}`;
  return {
    name,
    scale,
    digest,
    settings,
    mounts: [{ source: workload.directory, target: workloadTarget, readOnly: true }],
    database: 'postgres',
    setup: (server, names) =>
      inSession(server, workload, async (client) => {
        await runScripts(client, workload, scriptsOf(workload.setup, major), progress, phase('setup'));
        names.add(await readRelationNames(client));
      }),
    work: (server, names) =>
      inSession(server, workload, async (client) => {
        const scripts = scriptsOf(workload.work, major);
        await runScripts(client, workload, scripts, progress, phase('work'), async () => {
          names.add(await readRelationNames(client));
        });
      }),
  };
}

/** The scripts that a major understands. */
function scriptsOf(scripts: readonly WorkloadScript[], major: number): readonly WorkloadScript[] {
  return scripts.filter(({ sinceMajor }) => sinceMajor <= major);
}

/** Opens a session with the workload's parameters, and closes it after `use`. */
async function inSession(
  server: RunningServer,
  workload: Workload,
  use: (client: Client) => Promise<void>,
): Promise<void> {
  const client = await server.connect();
  try {
    await setParameters(client, workload);
    await use(client);
  } catch (error) {
    throw await withServerLog(error, server);
  } finally {
    await client.end();
  }
}

/** A statement's failure that the server's log explains better: the session was lost, or the disk is full. */
async function withServerLog(error: unknown, server: RunningServer): Promise<unknown> {
  if (!(error instanceof RedoubtError) || error.code !== 'workload-statement-failed') return error;
  const { sqlState } = error.details;
  if (sqlState !== null && sqlState !== diskFullSqlState) return error;
  if (sqlState === null) await server.settle();
  return serverFailure({
    code: sqlState === null ? 'server-lost' : 'disk-full',
    message: error.message,
    logFile: server.logFile,
    details: error.details,
    cause: error,
  });
}
