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
  const template = await server.connect('template1');
  await template.end();
  const client = await server.connect('postgres');
  try {
    const { rows } = await client.query<{ readonly facts: string }>(`SELECT (${buildFactsQuery}) AS facts`);
    const mismatches = await readVersionMismatches(client, major);
    const complaints = (await readFile(server.logFile, 'utf8'))
      .split('\n')
      .filter((line) => complaint.test(line));
    const used = mismatches.find(({ kind, isUsable }) => kind === 'collation' && isUsable);
    return {
      build: parseBuildFacts(rows[0]?.facts ?? ''),
      mismatches,
      complaints,
      warningOfUse: used === undefined ? undefined : await warningOfUse(client, used.name),
    };
  } finally {
    await client.end();
  }
}
