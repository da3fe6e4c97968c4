import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { RedoubtError } from '../error.ts';
import { acquireLock } from '../host/lock.ts';
import { publishBeside } from '../host/publish-beside.ts';
import { systemError } from '../host/system-error.ts';
import { type NightlyRun, nightlySchemaVersion } from './nightly-run.ts';
import { type HistoryIndex, indexSchema, runIdPattern, runSchema } from './run-schema.ts';
import { makeFolder } from '../host/make-folder.ts';

/** The runs of a history, oldest first, and what in its folder cannot be relied on, in words. */
export interface History {
  readonly runs: readonly NightlyRun[];
  readonly told: readonly string[];
}

type IndexEntry = HistoryIndex['runs'][number];

const indexName = 'index.json';
const runsName = 'runs';

/**
 * Adds a run to the history in a folder, which is made where there is none, and returns what was there before. Several may
 * add at a time. Throws `run-known` (usage) for one that is in it already, `history-newer` (usage), and `infrastructure`
 * when the folder cannot be written.
 */
export async function addToHistory(directory: string, run: NightlyRun): Promise<History> {
  try {
    makeFolder(join(directory, runsName));
  } catch (error) {
    throw systemError(`cannot make the history ${directory}`, error);
  }
  await using _lock = await acquireLock(join(directory, '.lock'), () => {});
  const { runs, told, kept } = await read(directory);
  if (runs.some(({ id }) => id === run.id)) {
    throw new RedoubtError('usage', 'run-known', `${directory} has the run ${run.id} already`, {
      remedy: 'Name the report of another run.',
      details: { directory, run: run.id },
    });
  }
  const text = `${JSON.stringify(run, null, 2)}\n`;
  await publishBeside(runPath(directory, run.id), (partial) => writeFile(partial, text));
  const entries = [...kept, entryOf(run, text)].toSorted((left, right) => (left.id < right.id ? -1 : 1));
  const index: HistoryIndex = { schemaVersion: nightlySchemaVersion, runs: entries };
  await publishBeside(join(directory, indexName), (partial) =>
    writeFile(partial, `${JSON.stringify(index, null, 2)}\n`),
  );
  return { runs, told };
}

/** Reads a history. A file that is damaged, edited, missing or foreign is told and left out. Throws `history-newer`. */
export async function readHistory(directory: string): Promise<History> {
  const { runs, told } = await read(directory);
  return { runs, told };
}

interface ReadHistory extends History {
  /** What the next index says of what is there: also of damaged files, so that they stay told. */
  readonly kept: readonly IndexEntry[];
}

async function read(directory: string): Promise<ReadHistory> {
  const { index, told: toldOfIndex } = await readIndex(directory);
  const told = [...toldOfIndex];
  const kept: IndexEntry[] = [];
  const runs: NightlyRun[] = [];
  const names = (await readdir(join(directory, runsName)).catch(missing)).toSorted();
  for (const name of names) {
    const path = `${runsName}/${name}`;
    if (!isRun(name)) {
      // What a run that is being written, or was killed, leaves begins with a dot.
      if (!name.startsWith('.redoubt-')) told.push(`${path} is no file of this history: left alone`);
      continue;
    }
    const text = await readFile(join(directory, path), 'utf8').catch(() => '');
    const entry = index?.runs.find(({ id }) => `${id}.json` === name);
    if (entry !== undefined && entry.sha256 !== sha256(text)) {
      told.push(`${path} is damaged or was edited: it is left out`);
      kept.push(entry);
      continue;
    }
    const run = parseRun(text, name, path);
    if (typeof run === 'string') {
      told.push(run);
      continue;
    }
    if (entry === undefined && index !== undefined)
      told.push(`${path} was not in ${indexName}: it is taken in`);
    runs.push(run);
    kept.push(entry ?? entryOf(run, text));
  }
  for (const { id } of index?.runs ?? [])
    if (!names.includes(`${id}.json`)) told.push(`${runsName}/${id}.json is gone: the index forgets it`);
  return { runs: runs.toSorted((left, right) => (left.at < right.at ? -1 : 1)), told, kept };
}

async function readIndex(
  directory: string,
): Promise<{ readonly index: HistoryIndex | undefined; readonly told: readonly string[] }> {
  const path = join(directory, indexName);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw systemError(`cannot read ${path}`, error);
  });
  if (text === undefined) return { index: undefined, told: [] };
  const value = parseJson(text);
  requireKnownVersion(value, path);
  const parsed = indexSchema.safeParse(value);
  return parsed.success
    ? { index: parsed.data, told: [] }
    : { index: undefined, told: [`${indexName} is damaged: it is made anew of the files of the runs`] };
}

function isRun(name: string): boolean {
  return name.endsWith('.json') && runIdPattern.test(name.slice(0, -'.json'.length));
}

/** The run, or what is wrong with its file. */
function parseRun(text: string, name: string, path: string): NightlyRun | string {
  const value = parseJson(text);
  requireKnownVersion(value, path);
  const parsed = runSchema.safeParse(value);
  if (!parsed.success || `${parsed.data.id}.json` !== name) return `${path} is no run of Redoubt: left alone`;
  return parsed.data;
}

function requireKnownVersion(value: unknown, path: string): void {
  const version = (value as { readonly schemaVersion?: unknown } | null | undefined)?.schemaVersion;
  if (typeof version !== 'number' || version <= nightlySchemaVersion) return;
  throw new RedoubtError(
    'usage',
    'history-newer',
    `${path} has schema version ${String(version)}, this Redoubt reads up to ${String(nightlySchemaVersion)}`,
    { remedy: 'Use the Redoubt that wrote it.' },
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function entryOf({ id, at, verdict, exitCode }: NightlyRun, text: string): IndexEntry {
  return { id, at, verdict, exitCode, sha256: sha256(text) };
}

function runPath(directory: string, id: string): string {
  return join(directory, runsName, `${id}.json`);
}

function missing(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw systemError('cannot list the runs of the history', error);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
