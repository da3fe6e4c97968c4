import { readFile } from 'node:fs/promises';

import type { Client } from 'pg';

import { pageSizeBytes } from '../../page/page-bytes.ts';

import { readLeafEntries } from '../btree-leaves.ts';
import { compareLeaves } from '../leaf-comparison.ts';
import type { Finding } from '../../verdict/finding.ts';
import { readIndexes } from '../index-facts.ts';
import { serverComplaint } from '../session.ts';
import type { IndexProof, ProofPage } from './locale-proof.ts';
import type { Connect } from './proof-cluster.ts';
import { databaseOptions, proofCollations, type ProofLocale } from './proof-locale.ts';
import type { ProofTables } from './proof-statements.ts';

/** Indexes whose first key is a text, whose pages are compared. */
const comparedIndexes = [
  'sorted.words_word',
  'sorted.named_pkey',
  'sorted.loose_word_key',
  'cased.words_lower',
];

/** Makes the database of a locale with its tables, as a server writes them. */
export async function makeDatabase(
  connect: Connect,
  database: string,
  locale: ProofLocale,
  tables: ProofTables,
): Promise<void> {
  await connect(undefined, async (client) => {
    await client.query(
      `CREATE DATABASE ${database} TEMPLATE template0 ENCODING 'UTF8' ${databaseOptions(locale)}`,
    );
  });
  await connect(database, async (client) => {
    for (const statement of tables.before) await client.query(statement);
    await client.query(
      'INSERT INTO given.sorted (word) SELECT word FROM unnest($1::text[]) WITH ORDINALITY AS g (word, n) ORDER BY n',
      [tables.sorted],
    );
    await client.query(
      'INSERT INTO given.cased (word) SELECT word FROM unnest($1::text[]) WITH ORDINALITY AS g (word, n) ORDER BY n',
      [tables.cased],
    );
    for (const statement of tables.statements) await client.query(statement);
  });
}

/** What PostgreSQL has recorded of the locale, and what it is on this side; null where it records nothing. */
export async function collationVersions(
  client: Client,
): Promise<{ readonly recorded: string | null; readonly actual: string | null }> {
  const { rows } = await client.query<{ readonly recorded: string | null; readonly actual: string | null }>(
    `SELECT collversion AS recorded, pg_collation_actual_version(oid) AS actual FROM pg_collation WHERE collname = 'proof'`,
  );
  return rows[0] ?? { recorded: null, actual: null };
}

/** Records the versions of today, for the database and all collations in it: all that silences a warning. */
export async function refreshVersions(client: Client, database: string, locale: ProofLocale): Promise<void> {
  await client.query(`ALTER DATABASE ${database} REFRESH COLLATION VERSION`);
  for (const { name } of proofCollations(locale))
    await client.query(`ALTER COLLATION ${name} REFRESH VERSION`);
}

/** Builds every index anew and returns those that the server refuses to. */
export async function reindex(
  client: Client,
): Promise<readonly { readonly schema: string; readonly finding: Finding }[]> {
  const refusals: { schema: string; finding: Finding }[] = [];
  for (const index of await readIndexes(client, {})) {
    try {
      await client.query(`REINDEX INDEX ${index.name}`);
    } catch (error) {
      const complaint = serverComplaint(error);
      if (complaint === undefined) throw error;
      refusals.push({
        schema: index.table.split('.')[0] ?? '',
        finding: {
          code: 'readback-reindex-refused',
          message: `REINDEX INDEX ${index.name} is refused: ${complaint}`,
          details: { index: index.name, table: index.table, definition: index.definition },
        },
      });
    }
  }
  return refusals;
}

/** The files of the compared indexes, by name; paths are those inside of the data directory. */
export async function indexFiles(client: Client): Promise<ReadonlyMap<string, IndexFile>> {
  const { rows } = await client.query<IndexFile & { readonly name: string }>(
    `SELECT name, pg_relation_filepath(name::regclass) AS path, pg_get_indexdef(name::regclass) AS definition
     FROM unnest($1::text[]) AS given (name) WHERE to_regclass(name) IS NOT NULL`,
    [comparedIndexes],
  );
  return new Map(rows.map(({ name, path, definition }) => [name, { path, definition }]));
}

export interface IndexFile {
  readonly path: string;
  readonly definition: string;
}

/** Compares the indexes of two data directories at rest, leaf by leaf. */
export async function compareIndexes(
  from: { readonly directory: string; readonly files: ReadonlyMap<string, IndexFile> },
  to: { readonly directory: string; readonly files: ReadonlyMap<string, IndexFile> },
): Promise<{ readonly compared: readonly IndexProof[]; readonly pages: readonly ProofPage[] }> {
  const compared: IndexProof[] = [];
  const pages: ProofPage[] = [];
  for (const [index, { path, definition }] of from.files) {
    const other = to.files.get(index);
    if (other === undefined) continue;
    const paths = { from: `${from.directory}/${path}`, to: `${to.directory}/${other.path}` };
    const comparison = compareLeaves(await readLeafEntries(paths.from), await readLeafEntries(paths.to));
    compared.push({ index, definition, ...comparison });
    for (const side of ['from', 'to'] as const) {
      const blocks = comparison.flips.flatMap(({ left, right }) => [left[side].block, right[side].block]);
      const file = await readFile(paths[side]);
      for (const block of new Set(blocks))
        pages.push({
          index,
          side,
          block,
          bytes: file.subarray(block * pageSizeBytes, (block + 1) * pageSizeBytes),
        });
    }
  }
  return { compared, pages };
}
