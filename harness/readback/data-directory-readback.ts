import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { DatabaseError, type Client } from 'pg';

import { startServer, type RunningServer } from '../compute/server.ts';
import { serverFailure } from '../compute/server-failure.ts';
import type { DatabaseContents } from '../compute/table-contents.ts';
import { RedoubtError } from '../error.ts';
import type { Host } from '../host/engine.ts';
import { throwIfInterrupted } from '../host/interruption.ts';
import { temporaryDirectory } from '../host/run-directory.ts';
import type { Finding } from '../verdict/finding.ts';
import { compareRows } from './primary-rows.ts';
import { readback, type Readback } from './readback.ts';
import { checkVisibilityMaps } from './visibility-map.ts';

export interface DataDirectoryReadbackOptions {
  /** The compute image. */
  readonly host: Host;
  readonly major: number;
  /** Said to be shut down cleanly; the server changes it. */
  readonly dataDirectory: string;
  /** What its tables must hold. */
  readonly primary: DatabaseContents;
}

/** What a compute image's server makes of a data directory. */
export interface DataDirectoryReadback {
  readonly findings: readonly Finding[];
  readonly tables: number;
  readonly rows: number;
  /** Of all that is asked of indexes; undefined when the server did not come so far. */
  readonly readback: Readback | undefined;
  readonly notChecked: readonly string[];
}

const complaint = /\b(?:WARNING|ERROR|FATAL|PANIC): /;

/**
 * Opens a data directory and reads one of its databases back: rows against the primary's, visibility maps, and all that
 * {@link readback} asks. What the server cannot do is a finding. Throws what is the machine's fault.
 */
export async function readBackDataDirectory(
  options: DataDirectoryReadbackOptions,
): Promise<DataDirectoryReadback> {
  const { host, major, dataDirectory, primary } = options;
  await using scratch = await temporaryDirectory('the socket of a server');
  const socketDirectory = join(scratch.path, 's');
  await mkdir(socketDirectory);
  const started = await startServer({ host, major, dataDirectory, socketDirectory }).catch(refusal);
  if ('code' in started) return nothingBut([started]);
  await using server = started;
  const client = await server.connect(primary.database).catch(refusal);
  if ('code' in client) return nothingBut([client]);
  const found: Finding[] = [...(await complaintsOf(server))];
  try {
    const read = await readDatabase(client, primary, found);
    await client.end();
    await server.stop('fast');
    return { ...read, findings: withoutRepeats(found) };
  } catch (error) {
    throwIfInterrupted();
    if (isFaultOfOurs(error)) {
      if (found.length === 0) throw error;
      // What was found is found, whatever kept the rest from being asked.
      return { ...nothingBut(withoutRepeats(found)), notChecked: [String(error)] };
    }
    return nothingBut(withoutRepeats([...found, await lastWords(server, error)]));
  }
}

/** Adds to `found` as it goes: what was found before the server died counts. */
async function readDatabase(
  client: Client,
  primary: DatabaseContents,
  found: Finding[],
): Promise<Omit<DataDirectoryReadback, 'findings'>> {
  const { findings, tables, rows } = await compareRows(client, primary);
  found.push(...findings);
  const maps = await checkVisibilityMaps(client);
  found.push(...maps.findings);
  const read = await readback(client, { withSystem: true });
  found.push(...read.findings);
  for (const warning of read.warnings)
    found.push({ code: 'readback-server-warns', message: `the server warns: ${warning}` });
  return { tables, rows, readback: read, notChecked: [...maps.notChecked, ...read.notChecked] };
}

/** All but a session that is lost and a server that cannot end properly: that may be the data directory's. */
function isFaultOfOurs(error: unknown): boolean {
  if (error instanceof RedoubtError)
    return error.code !== 'server-stop-failed' && error.code !== 'data-directory-not-clean';
  return error instanceof DatabaseError;
}

/** One damaged page is met by several checks. */
function withoutRepeats(findings: readonly Finding[]): readonly Finding[] {
  const known = new Map(findings.map((finding) => [`${finding.code} ${finding.message}`, finding]));
  return [...known.values()];
}

/** What the server said of the data directory before anybody asked. */
async function complaintsOf({ logFile }: RunningServer): Promise<readonly Finding[]> {
  const lines = (await readFile(logFile, 'utf8')).split('\n').filter((line) => complaint.test(line));
  return lines.slice(0, 5).map((line) => ({
    code: 'readback-server-warns',
    message: `the server says as it starts: ${line.replace(/^.*?(?=WARNING|ERROR|FATAL|PANIC)/, '')}`,
  }));
}

/** A server that starts on other data directories has this one to blame. */
function refusal(error: unknown): Finding {
  const isRefusal =
    error instanceof RedoubtError &&
    (error.code === 'server-start-failed' || error.code === 'server-connect-failed');
  if (!isRefusal) throw error;
  return { code: 'readback-start-failed', message: `the data directory cannot be opened: ${error.message}` };
}

/** A session that is lost, with the server most likely. Throws where a full disk, or somebody else, ended it. */
async function lastWords(server: RunningServer, cause: unknown): Promise<Finding> {
  await server.settle();
  const failure = await serverFailure({
    code: 'server-lost',
    message: String(cause),
    logFile: server.logFile,
  });
  if (failure.code !== 'server-lost') throw failure;
  return {
    code: 'readback-server-died',
    message: `the server dies of the data directory: ${failure.message}`,
  };
}

function nothingBut(findings: readonly Finding[]): DataDirectoryReadback {
  return { findings, tables: 0, rows: 0, readback: undefined, notChecked: [] };
}
