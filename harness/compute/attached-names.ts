import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describeEnding } from '../host/describe-ending.ts';
import type { Host } from '../host/engine.ts';
import { temporaryDirectory } from '../host/run-directory.ts';
import { systemError } from '../host/system-error.ts';
import { readCollationVersions, type CollationVersion } from './collation-version.ts';
import { copyTree } from './copy-tree.ts';
import { RelationNames, readRelationNames, type RelationName } from './relation-name.ts';
import { serverFailure } from './server-failure.ts';
import { findServerProgram } from './server-program.ts';
import { startServer, superuser, type RunningServer } from './server.ts';
import { giveToServer, serverUid } from './server-uid.ts';
import { copySegments, type WalRange } from './wal-files.ts';

/** A recovered data directory, and the WAL that it was recovered from. */
export interface AttachedNamesOptions {
  readonly host: Host;
  readonly major: number;
  /** As recovery left it, without WAL; it is copied, not changed. */
  readonly recoveredDirectory: string;
  readonly walDirectory: string;
  readonly range: WalRange;
  /** Must not exist; the copy on which a server answers. The caller removes it. */
  readonly scratchDirectory: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** What all databases of a cluster call their relations, and the collations that these use. */
export interface AttachedNames {
  readonly relations: readonly RelationName[];
  readonly collations: readonly CollationVersion[];
}

/**
 * Asks a server on a copy of a recovered data directory for the names of its relations: findings can then speak of
 * tables and indexes. Databases that admit no session are left out. Throws what starting a server throws.
 */
export async function readAttachedNames(options: AttachedNamesOptions): Promise<AttachedNames> {
  const { host, major, scratchDirectory, settings } = options;
  await copyRecovered(options);
  await makeSuperuser(options);
  await using sockets = await temporaryDirectory('the socket of a server');
  await using server = await startServer({
    host,
    major,
    dataDirectory: scratchDirectory,
    socketDirectory: sockets.path,
    settings,
  });
  const names = new RelationNames();
  const collations = new Map<string, CollationVersion>();
  for (const database of await databasesOf(server)) {
    const client = await server.connect(database);
    try {
      names.add(await readRelationNames(client));
      for (const collation of await readCollationVersions(client, major))
        collations.set(JSON.stringify(collation), collation);
    } finally {
      await client.end();
    }
  }
  await server.stop('fast');
  return { relations: names.all(), collations: [...collations.values()] };
}

async function copyRecovered(options: AttachedNamesOptions): Promise<void> {
  const { recoveredDirectory, scratchDirectory, walDirectory, range } = options;
  await copyTree(recoveredDirectory, scratchDirectory);
  await rm(join(scratchDirectory, 'standby.signal'), { force: true });
  // The checkpoint at which recovery ended is all that the server needs.
  await copySegments(walDirectory, scratchDirectory, { ...range, startLsn: range.endLsn }, serverUid);
}

/** The cluster's roles are its owner's; the session user of a single-user server needs none of them. */
async function makeSuperuser(options: AttachedNamesOptions): Promise<void> {
  const { host, major, scratchDirectory } = options;
  const program = await findServerProgram(host, major);
  const script = `${scratchDirectory}.sql`;
  try {
    // In a cluster of a pageserver's initdb it exists already, which is an error that changes nothing.
    await writeFile(script, `CREATE ROLE ${superuser} SUPERUSER LOGIN\n`);
    await giveToServer(script);
  } catch (error) {
    throw systemError(`cannot write ${script}`, error);
  }
  const result = await host.run({
    argv: [`${program.directory}/postgres`, '--single', '-D', '/redoubt/data', 'template1'],
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
    systemMounts: true,
    mounts: [{ source: scratchDirectory, target: '/redoubt/data', readOnly: false }],
    stdin: { kind: 'file', path: script },
    limits: { wallTimeMs: 600_000 },
  });
  await rm(script);
  if (result.ending.kind === 'exited' && result.ending.exitCode === 0) return;
  const logFile = `${scratchDirectory}.log`;
  await writeFile(logFile, result.stderr);
  throw await serverFailure({
    code: 'server-start-failed',
    message: `PostgreSQL ${program.version} in ${host.name} cannot open a copy of what it recovered: postgres --single ${describeEnding(result.ending)}`,
    logFile,
    details: { host: host.name },
  });
}

async function databasesOf(server: RunningServer): Promise<readonly string[]> {
  const client = await server.connect('template1');
  try {
    const { rows } = await client.query<{ readonly datname: string }>(
      'SELECT datname FROM pg_database WHERE datallowconn ORDER BY oid',
    );
    return rows.map(({ datname }) => datname);
  } finally {
    await client.end();
  }
}
