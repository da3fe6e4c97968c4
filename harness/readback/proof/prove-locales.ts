import { DatabaseError } from 'pg';

import { RedoubtError } from '../../error.ts';
import type { Progress } from '../../host/progress.ts';
import { temporaryDirectory } from '../../host/run-directory.ts';
import { readback, type Readback } from '../readback.ts';
import { recordStatements } from '../statement-record.ts';
import { countCharacterChanges } from '../../collation/character-changes.ts';
import type { LocaleProof, ProofTopic, ProvedLocale, TopicProof } from './locale-proof.ts';
import { type Connect, ProofCluster, type ProofSide } from './proof-cluster.ts';
import {
  collationVersions,
  compareIndexes,
  indexFiles,
  makeDatabase,
  refreshVersions,
  reindex,
} from './proof-database.ts';
import type { ProofLocale } from './proof-locale.ts';
import { proofScript, type ProofTables, proofTables } from './proof-statements.ts';
import { casedSchema, sortedSchema } from './proof-tables.ts';

/** A locale to be proved, with strings of which the drift is known to show in some. */
export interface LocaleToProve extends ProofLocale {
  readonly examples: readonly string[];
}

export interface ProofOptions {
  /** The same server binary on both sides; only what it runs on differs. */
  readonly from: ProofSide;
  readonly to: ProofSide;
  readonly locales: readonly LocaleToProve[];
  readonly progress: Progress;
}

const schemas: Readonly<Record<ProofTopic, string>> = { order: sortedSchema, characters: casedSchema };
const shownChanges = 8;

/**
 * Writes a data directory under the libraries of one side, a database for each locale, and reads it back under those of the
 * other: as it is, after REFRESH VERSION alone, and after REINDEX alone. Throws `infrastructure` when a server cannot be
 * run, does not know a locale, or finds fault with its own tables under its own libraries.
 */
export async function proveLocales(options: ProofOptions): Promise<readonly ProvedLocale[]> {
  await using directory = await temporaryDirectory('the proof of a drift');
  const cluster = new ProofCluster(directory.path);
  const { from, to, progress } = options;
  progress('proof', `making a data directory under ${from.name}`);
  await cluster.initialise(from, 'made');
  const asked = await askBothSides(cluster, options);
  const proofs: ProvedLocale[] = [];
  for (const [number, { locale, tables }] of asked.entries()) {
    const name = nameOf(locale);
    const work = { cluster, from, to, locale, tables, database: `proof_${String(number + 1)}` };
    progress(
      'proof',
      `${name}: writing ${tables.sorted.length.toLocaleString('en')} strings under ${from.name}`,
    );
    proofs.push(await proveLocale(work, progress).catch((error: unknown) => failed(name, error)));
  }
  return proofs;
}

function nameOf({ provider, locale }: ProofLocale): string {
  return `${provider} ${locale}`;
}

/** What a server says of the statements that make or change the tables, or its death; complaints about data are findings. */
function failed(name: string, error: unknown): never {
  const isOfServer =
    error instanceof DatabaseError ||
    (error instanceof Error && error.message.startsWith('Connection terminated'));
  if (!isOfServer) throw error;
  throw new RedoubtError('infrastructure', 'proof-failed', `${name} cannot be proved: ${error.message}`, {
    details: { locale: name, sqlState: error instanceof DatabaseError ? (error.code ?? '') : '' },
    cause: error,
  });
}

interface Work {
  readonly cluster: ProofCluster;
  readonly from: ProofSide;
  readonly to: ProofSide;
  readonly locale: ProofLocale;
  readonly tables: ProofTables;
  readonly database: string;
}

/** What a server under one side's libraries made of a copy. */
interface Reading {
  readonly byTopic: Readonly<Record<ProofTopic, Readback>>;
  /** What the server was asked for it, with its answers, as a script. */
  readonly asked: readonly string[];
  readonly warnings: readonly string[];
}

/** What is to be stored for each locale: servers of both sides say what moves. */
async function askBothSides(
  cluster: ProofCluster,
  { from, to, locales, progress }: ProofOptions,
): Promise<readonly { readonly locale: LocaleToProve; readonly tables: ProofTables }[]> {
  await Promise.all([cluster.copy('made', 'asked-from'), cluster.copy('made', 'asked-to')]);
  const { value } = await cluster.serve(from, 'asked-from', (connectFrom) =>
    cluster.serve(to, 'asked-to', async (connectTo) => {
      const asked: { locale: LocaleToProve; tables: ProofTables }[] = [];
      for (const locale of locales) {
        progress('proof', `${nameOf(locale)}: asking both sides`);
        const tables = await proofTables(locale, locale.examples, [connectFrom, connectTo]).catch(
          (error: unknown) => failed(nameOf(locale), error),
        );
        asked.push({ locale, tables });
      }
      return asked;
    }),
  );
  await Promise.all([cluster.remove('asked-from'), cluster.remove('asked-to')]);
  return value.value;
}

async function proveLocale(work: Work, progress: Progress): Promise<ProvedLocale> {
  const { cluster, from, to, locale, tables, database } = work;
  const name = nameOf(locale);
  await cluster.copy('made', 'written');
  const written = await cluster.serve(from, 'written', async (connect) => {
    await makeDatabase(connect, database, locale, tables);
    return connect(database, async (client) => ({
      files: await indexFiles(client),
      server: (await client.query<{ readonly server_version: string }>('SHOW server_version')).rows[0]
        ?.server_version,
      rows: await rowCounts(client),
    }));
  });
  progress('proof', `${name}: reading it back under ${to.name}`);
  await Promise.all(
    ['sound', 'opened', 'refreshed', 'reindexed'].map((copy) => cluster.copy('written', copy)),
  );
  const [, opened, refreshed, rebuilt] = await Promise.all([
    requireSound(work),
    readCopy(work, to, 'opened'),
    readRefreshed(work),
    readReindexed(work),
  ]);
  const { compared, pages } = await compareIndexes(
    { directory: cluster.path('written'), files: written.value.files },
    { directory: cluster.path('reindexed'), files: rebuilt.files },
  );
  for (const copy of ['written', 'sound', 'opened', 'refreshed', 'reindexed']) await cluster.remove(copy);
  const topic = (wanted: ProofTopic): TopicProof => ({
    breaks: opened.byTopic[wanted].findings.length > 0,
    opened: opened.byTopic[wanted],
    refreshed: refreshed.byTopic[wanted],
    reindexed: rebuilt.byTopic[wanted],
    refusals: rebuilt.refusals
      .filter(({ schema }) => schema === schemas[wanted])
      .map(({ finding }) => finding),
  });
  const proof: LocaleProof = {
    provider: locale.provider,
    locale: locale.locale,
    server: `PostgreSQL ${written.value.server ?? ''}`.trim(),
    from: from.name,
    to: to.name,
    collversion: { from: opened.versions.recorded, to: opened.versions.actual },
    rows: { ...written.value.rows, moved: tables.moved },
    charactersChanged: countCharacterChanges(tables.changes),
    characterExamples: tables.changes.slice(0, shownChanges),
    order: topic('order'),
    characters: topic('characters'),
    warnings: { opened: opened.warnings, refreshed: refreshed.warnings },
    pages: compared,
  };
  return { proof, script: proofScript(tables), asked: opened.asked, pages };
}

/** The side that wrote it must have nothing to complain of: else it is no proof of anything. */
async function requireSound(work: Work): Promise<void> {
  const { byTopic } = await readCopy(work, work.from, 'sound');
  const [finding] = [...byTopic.order.findings, ...byTopic.characters.findings];
  if (finding === undefined) return;
  throw new RedoubtError(
    'infrastructure',
    'proof-unsound',
    `${work.from.name} finds fault with what it wrote itself: ${finding.message}`,
    { details: { environment: work.from.name, locale: work.locale.locale } },
  );
}

async function readCopy(
  { cluster, database }: Work,
  side: ProofSide,
  copy: string,
): Promise<
  Reading & { readonly versions: { readonly recorded: string | null; readonly actual: string | null } }
> {
  const { value, warnings } = await cluster.serve(side, copy, async (connect) => ({
    versions: await connect(database, collationVersions),
    ...(await readTopics(connect, database)),
  }));
  return { ...value, warnings };
}

async function readRefreshed(work: Work): Promise<Reading> {
  const { cluster, to, database, locale } = work;
  await cluster.serve(to, 'refreshed', (connect) =>
    connect(database, (client) => refreshVersions(client, database, locale)),
  );
  return readCopy(work, to, 'refreshed');
}

async function readReindexed(work: Work): Promise<
  Reading & {
    readonly refusals: Awaited<ReturnType<typeof reindex>>;
    readonly files: Awaited<ReturnType<typeof indexFiles>>;
  }
> {
  const { cluster, to, database } = work;
  const { value } = await cluster.serve(to, 'reindexed', (connect) =>
    connect(database, async (client) => ({
      refusals: await reindex(client),
      files: await indexFiles(client),
    })),
  );
  // Reading leaves dead rows behind: the pages that are compared are those before it.
  await cluster.copy('reindexed', 'read-again');
  const reading = await readCopy(work, to, 'read-again');
  await cluster.remove('read-again');
  return { ...value, ...reading };
}

async function readTopics(connect: Connect, database: string): Promise<Pick<Reading, 'byTopic' | 'asked'>> {
  const asked: string[] = [];
  const read = (topic: ProofTopic): Promise<Readback> =>
    connect(database, async (client) => {
      const record = recordStatements(client);
      const answer = await readback(client, { schema: schemas[topic] });
      asked.push(...record);
      return answer;
    });
  return { byTopic: { order: await read('order'), characters: await read('characters') }, asked };
}

async function rowCounts(
  client: Parameters<typeof readback>[0],
): Promise<{ readonly order: number; readonly characters: number }> {
  const { rows } = await client.query<{ readonly order: string; readonly characters: string }>(
    'SELECT (SELECT count(*) FROM given.sorted) AS order, (SELECT count(*) FROM given.cased) AS characters',
  );
  return { order: Number(rows[0]?.order), characters: Number(rows[0]?.characters) };
}
