import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Host } from '../host/engine.ts';
import { temporaryDirectory } from '../host/run-directory.ts';
import { buildFactsQuery, parseBuildFacts, type BuildFacts } from './build-facts.ts';
import { copyTree } from './copy-tree.ts';
import { readVersionMismatches, warningOfUse, type VersionMismatch } from './recorded-versions.ts';
import { startServer, type RunningServer } from './server.ts';

/** What a compute image's server finds on a data directory that somebody else's initdb made. */
export interface ForeignCluster {
  readonly build: BuildFacts;
  readonly mismatches: readonly VersionMismatch[];
  /** The server's own words about the first collation that does not match. */
  readonly warningOfUse: string | undefined;
  /** Lines of the log above LOG: while it started and took sessions in template1 and postgres. */
  readonly complaints: readonly string[];
}

const complaint = /\b(?:WARNING|ERROR|FATAL|PANIC): /;

/**
 * Starts the server of a compute image on a copy of a data directory that is at rest, asks it, and stops it. Throws what
 * {@link startServer} throws: `server-start-failed` when the server refuses the data directory.
 */
export async function openForeignCluster(host: Host, major: number, source: string): Promise<ForeignCluster> {
  await using scratch = await temporaryDirectory('a data directory of a bundle');
  const dataDirectory = join(scratch.path, 'data');
  const socketDirectory = join(scratch.path, 's');
  await copyTree(source, dataDirectory);
  await mkdir(socketDirectory);
  await using server = await startServer({ host, major, dataDirectory, socketDirectory });
  const facts = await ask(server, major);
  await server.stop('fast');
  return facts;
}

async function ask(server: RunningServer, major: number): Promise<ForeignCluster> {
  const mismatches = new Map<string, VersionMismatch>();
  let warning: string | undefined;
  let build = '';
  // New databases are copies of template1; postgres is an older one.
  for (const database of ['template1', 'postgres']) {
    const client = await server.connect(database);
    try {
      const found = await readVersionMismatches(client, major);
      for (const mismatch of found) mismatches.set(JSON.stringify(mismatch), mismatch);
      const used = found.find(({ kind, isUsable }) => kind === 'collation' && isUsable);
      warning ??= used === undefined ? undefined : await warningOfUse(client, used.name);
      const { rows } = await client.query<{ readonly facts: string }>(`SELECT (${buildFactsQuery}) AS facts`);
      build = rows[0]?.facts ?? '';
    } finally {
      await client.end();
    }
  }
  const log = await readFile(server.logFile, 'utf8');
  return {
    build: parseBuildFacts(build),
    mismatches: [...mismatches.values()],
    complaints: log.split('\n').filter((line) => complaint.test(line)),
    warningOfUse: warning,
  };
}
