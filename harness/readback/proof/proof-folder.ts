import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { systemError } from '../../host/system-error.ts';
import type { ReadbackFindingCode } from '../../verdict/finding-code.ts';
import type { Finding } from '../../verdict/finding.ts';
import type { LocaleProof, ProvedLocale } from './locale-proof.ts';
import { databaseOptions, literal } from './proof-locale.ts';

/**
 * Writes what is needed to check a proof by hand into a folder of its own below `directory`, and returns its name:
 * `tables.sql` makes database and tables, `by-hand.sql` shows the plainest things that are wrong, `readback.sql` asks all that
 * the proof asked, with its answers, `findings.txt` has all of it in words, `pages/` the pages that are named. Throws
 * `infrastructure` when it cannot be written.
 */
export async function writeProof(directory: string, proved: ProvedLocale): Promise<string> {
  const { proof, script, asked, pages } = proved;
  const name = `${proof.provider}-${proof.locale.replaceAll(/[^\w.@-]+/g, '-')}`;
  const folder = join(directory, name);
  const files = {
    'tables.sql': tablesScript(proof, script),
    'by-hand.sql': byHand(proof),
    'readback.sql': readbackScript(proof, asked),
    'findings.txt': findings(proof),
  };
  try {
    await mkdir(join(folder, 'pages'), { recursive: true });
    for (const [file, lines] of Object.entries(files))
      await writeFile(join(folder, file), `${lines.join('\n')}\n`);
    for (const { index, side, block, bytes } of pages)
      await writeFile(join(folder, 'pages', `${index}.${side}.${String(block)}.page`), bytes);
  } catch (error) {
    throw systemError(`cannot write the proof into ${folder}`, error);
  }
  return name;
}

/** Where the scripts put their tables. */
const database = 'proof';

function tablesScript(proof: LocaleProof, script: readonly string[]): readonly string[] {
  const { provider, locale, server, from } = proof;
  return [
    `-- ${provider} ${locale}: all tables, as ${server} wrote them on ${from}. On a cluster of initdb --locale=C --encoding=UTF8:`,
    '--   psql -X -v ON_ERROR_STOP=1 -f tables.sql postgres',
    "SET client_encoding = 'UTF8';",
    `CREATE DATABASE ${database} TEMPLATE template0 ENCODING 'UTF8' ${databaseOptions(proof)};`,
    `\\connect ${database}`,
    "SET client_encoding = 'UTF8';",
    ...script,
  ];
}

function readbackScript(
  { provider, locale, server, from, to }: LocaleProof,
  asked: readonly string[],
): readonly string[] {
  return [
    `-- ${provider} ${locale}: all that was asked of the data directory of ${from} when ${server} had opened it on ${to}, each`,
    '-- question with the first row of its answer, or the error. To ask again, on the tables of tables.sql:',
    `--   psql -X -f readback.sql ${database}`,
    '-- Catalogs are changed to put other indexes out of the sight of the planner, and rolled back. How it would go about each',
    '-- question was asked, too, and is left out.',
    "SET client_encoding = 'UTF8';",
    'SET jit = off;',
    ...asked,
  ];
}

/** Statements for psql whose answers are wrong under the other libraries. */
function byHand({ provider, locale, from, to, server, order, characters }: LocaleProof): readonly string[] {
  const found = [...order.opened.findings, ...characters.opened.findings];
  // Of tables that have no other index and no other column that must be filled.
  const plain = (code: ReadbackFindingCode, index: string): Finding | undefined =>
    found.find((finding) => finding.code === code && finding.details?.['index'] === index);
  return [
    `-- ${provider} ${locale}: run tables.sql with ${server} on ${from}, stop the server, and open its data directory with the`,
    `-- same program on ${to}. Then: psql -X -f by-hand.sql ${database}`,
    "SET client_encoding = 'UTF8';",
    ...(found.length === 0 ? ['-- Nothing is wrong.'] : []),
    `SELECT bt_index_check('sorted.named_pkey', true);`,
    ...statementsOf(plain('readback-row-not-found', 'sorted.named_pkey'), lookUp('word')),
    ...statementsOf(plain('readback-duplicate-accepted', 'sorted.named_pkey'), offer('word')),
    ...statementsOf(plain('readback-duplicate-accepted', 'cased.accounts_lower'), offer('name')),
  ];
}

type Statements = (table: string, key: string) => readonly string[];

function lookUp(column: string): Statements {
  return (table, key) => [
    `SET enable_indexscan = off; SET enable_bitmapscan = off; SET enable_indexonlyscan = off;`,
    `SELECT count(*) FROM ${table} WHERE ${column} = ${key}; -- 1: it is there`,
    `SET enable_indexscan = on; SET enable_seqscan = off;`,
    `SELECT count(*) FROM ${table} WHERE ${column} = ${key}; -- 0: the index does not find it`,
    `RESET ALL; SET client_encoding = 'UTF8';`,
  ];
}

function offer(column: string): Statements {
  return (table, key) => [
    `BEGIN; INSERT INTO ${table} (${column}) VALUES (${key}); ROLLBACK; -- accepted, though it is there and unique`,
  ];
}

function statementsOf(finding: Finding | undefined, statements: Statements): readonly string[] {
  const table = finding?.details?.['table'];
  const keys = finding?.details?.['keys'];
  const key = Array.isArray(keys) ? (keys as readonly string[])[0] : undefined;
  if (finding === undefined || typeof table !== 'string' || key === undefined) return [];
  return [`-- ${finding.message}`, ...statements(table, literal(key))];
}

function findings({ order, characters }: LocaleProof): readonly string[] {
  const topics = { order, characters };
  return Object.entries(topics).flatMap(([topic, { opened, refreshed, reindexed, refusals }]) =>
    Object.entries({ opened, refreshed, reindexed }).flatMap(([state, readback]) => [
      `${topic}, ${state}: ${String(readback.findings.length)} findings`,
      JSON.stringify(readback.counts),
      ...[...readback.findings, ...(state === 'reindexed' ? refusals : [])].map(
        ({ code, message }) => `  ${code}  ${message}`,
      ),
      '',
    ]),
  );
}
