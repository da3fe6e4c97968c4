import { mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { RedoubtError } from '../error.ts';
import { describeEnding } from '../host/describe-ending.ts';
import type { Host } from '../host/engine.ts';
import type { Progress } from '../host/progress.ts';
import { systemError } from '../host/system-error.ts';
import type { CapturedWork } from './captured-work.ts';
import type { RegressionSuite } from './regression-suite.ts';
import { readRelationNames } from './relation-name.ts';
import { serverFailure } from './server-failure.ts';
import { findServerProgram } from './server-program.ts';
import { socketTarget, superuser, type RunningServer } from './server.ts';
import { giveToServer } from './server-uid.ts';

/** The scripts that were run, in order. */
export interface RegressionOutcome {
  /** Those whose output is, byte for byte, one of those that the suite expects. */
  readonly asExpected: readonly string[];
  readonly otherwise: readonly string[];
}

/** A regression suite as the work of a capture; `outcome` grows as the work goes on. */
export interface RegressionWork extends CapturedWork {
  readonly outcome: RegressionOutcome;
}

const database = 'regression';
const suiteTarget = '/redoubt/suite';
const buildTarget = '/redoubt/build';

/** psql's exit code for a session that was lost. */
const sessionLost = 2;

/** As pg_regress sets up the database (src/test/regress/pg_regress.c, create_database, 15 to 17). */
const databaseSettings: readonly (readonly [string, string])[] = [
  ['lc_messages', 'C'],
  ['lc_monetary', 'C'],
  ['lc_numeric', 'C'],
  ['lc_time', 'C'],
  ['bytea_output', 'hex'],
  ['timezone_abbreviations', 'Default'],
];

/**
 * What the scripts expect of the server: pg_regress's own setting, and defaults that other captures change. They turn on
 * allow_in_place_tablespaces by themselves; autovacuum stays off as in every capture.
 */
const settings: Readonly<Record<string, string>> = {
  max_prepared_transactions: '2',
  max_parallel_workers_per_gather: '2',
  max_parallel_maintenance_workers: '2',
};

/**
 * The scripts of a regression suite, one after the other in the order of its schedule, each by the compute image's own
 * psql as pg_regress runs it. `scratch` is an empty folder of the machine for what they write. A query that fails is
 * nothing to the capture; a server that is lost is `server-lost` (infrastructure).
 */
export function regressionWork(
  suite: RegressionSuite,
  host: Host,
  scratch: string,
  progress: Progress,
): RegressionWork {
  const outcome = { asExpected: [] as string[], otherwise: [] as string[] };
  return {
    name: `regression suite of ${suite.origin}`,
    scale: 'full',
    digest: suite.digest,
    settings: { setup: settings, work: settings },
    mounts: [
      { source: suite.directory, target: suiteTarget, readOnly: true },
      { source: scratch, target: buildTarget, readOnly: false },
    ],
    database,
    setup: async (server, names) => {
      await makeFolders(scratch);
      await makeDatabase(server);
      names.add(await namesOf(server));
    },
    work: async (server, names) => {
      const { directory } = await findServerProgram(host, suite.major);
      const psql = `${directory}/psql`;
      for (const [index, script] of suite.scripts.entries()) {
        progress(
          `capture ${String(suite.major)}: regression suite`,
          `${script} (${String(index + 1)} of ${String(suite.scripts.length)})`,
        );
        const output = join(scratch, 'results', `${script}.out`);
        await runScript({ suite, host, server, scratch, psql }, script, output);
        outcome[(await isExpected(suite, script, output)) ? 'asExpected' : 'otherwise'].push(script);
        names.add(await namesOf(server));
      }
    },
    outcome,
  };
}

async function makeFolders(scratch: string): Promise<void> {
  await giveToServer(scratch);
  const results = join(scratch, 'results');
  try {
    await mkdir(results);
  } catch (error) {
    throw systemError(`cannot make ${results}`, error);
  }
  await giveToServer(results);
}

async function makeDatabase(server: RunningServer): Promise<void> {
  const client = await server.connect();
  try {
    await client.query(`CREATE DATABASE ${database} TEMPLATE = template0`);
    for (const [name, value] of databaseSettings) {
      await client.query(`ALTER DATABASE ${database} SET ${name} TO '${value}'`);
    }
  } catch (cause) {
    throw await lost(server, `the database ${database} cannot be made: ${String(cause)}`, cause);
  } finally {
    await client.end();
  }
}

async function namesOf(server: RunningServer): ReturnType<typeof readRelationNames> {
  const client = await server.connect(database);
  try {
    return await readRelationNames(client);
  } catch (cause) {
    throw await lost(server, `its relations cannot be read: ${String(cause)}`, cause);
  } finally {
    await client.end();
  }
}

/** With what scripts are run. */
interface ScriptRunner {
  readonly suite: RegressionSuite;
  readonly host: Host;
  readonly server: RunningServer;
  readonly scratch: string;
  /** The program's path inside the image. */
  readonly psql: string;
}

async function runScript(
  { suite, host, server, scratch, psql }: ScriptRunner,
  script: string,
  output: string,
): Promise<void> {
  const both = { kind: 'file', path: output, append: true } as const;
  await using process = await host.start({
    argv: [
      psql,
      '--no-psqlrc',
      '--echo-all',
      '--quiet',
      `--dbname=${database}`,
      '--set=HIDE_TABLEAM=on',
      '--set=HIDE_TOAST_COMPRESSION=on',
    ],
    env: environment(script),
    workingDirectory: buildTarget,
    systemMounts: true,
    mounts: [
      { source: server.socketDirectory, target: socketTarget, readOnly: false },
      { source: suite.directory, target: suiteTarget, readOnly: true },
      { source: scratch, target: buildTarget, readOnly: false },
    ],
    stdin: { kind: 'file', path: join(suite.directory, 'sql', `${script}.sql`) },
    stdout: both,
    stderr: both,
    limits: { wallTimeMs: 600_000 },
  });
  const { ending } = await process.result;
  if (ending.kind === 'exited' && ending.exitCode !== sessionLost) return;
  throw await lost(server, `psql ${describeEnding(ending)} in ${script}.sql`);
}

/** As pg_regress.c, initialize_environment. */
function environment(script: string): Readonly<Record<string, string>> {
  return {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    LC_MESSAGES: 'C',
    PGHOST: socketTarget,
    PGPORT: '5432',
    PGUSER: superuser,
    PGAPPNAME: `pg_regress/${script}`,
    PGTZ: 'America/Los_Angeles',
    PGDATESTYLE: 'Postgres, MDY',
    PGOPTIONS: '-c intervalstyle=postgres_verbose',
    PG_ABS_SRCDIR: suiteTarget,
    PG_ABS_BUILDDIR: buildTarget,
    PG_LIBDIR: `${suiteTarget}/lib`,
    PG_DLSUFFIX: '.so',
  };
}

/** Whether the output is `expected/SCRIPT.out` or one of its variants `SCRIPT_N.out`. */
async function isExpected(suite: RegressionSuite, script: string, output: string): Promise<boolean> {
  const expected = join(suite.directory, 'expected');
  try {
    const actual = await readFile(output);
    const variants = (await readdir(expected)).filter(
      (name) => name.startsWith(script) && /^(_\d)?\.out$/.test(name.slice(script.length)),
    );
    for (const name of variants) {
      if (actual.equals(await readFile(join(expected, name)))) return true;
    }
    return false;
  } catch (error) {
    throw systemError(`cannot compare ${output} with ${expected}`, error);
  }
}

async function lost(server: RunningServer, why: string, cause?: unknown): Promise<RedoubtError> {
  await server.settle();
  return serverFailure({
    code: 'server-lost',
    message: `PostgreSQL ${server.version} was lost in its regression suite: ${why}`,
    logFile: server.logFile,
    cause,
  });
}
