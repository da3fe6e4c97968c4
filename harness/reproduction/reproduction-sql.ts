import type { Reproduction } from './reproduction.ts';

/** The database in which the table lies. */
export const reproductionDatabase = 'reproduction';

/** Makes that database, in the encoding of the locale. */
export function createDatabase({ encoding }: Pick<Reproduction, 'encoding'>): string {
  return `CREATE DATABASE ${reproductionDatabase} TEMPLATE template0 ENCODING '${encoding}' LOCALE 'C'`;
}

/**
 * The statements that make table and index, where they are not, and then look at them: to be run first under FROM and then,
 * on the same data directory, under TO.
 */
export function reproductionStatements(reproduction: Reproduction): readonly string[] {
  return [makeAll(reproduction), ...looks(reproduction)];
}

/** What `psql -XAtq` prints a line for. */
function looks({ topic, left, right }: Reproduction): readonly string[] {
  const [one, other] = [literal(left.text), literal(right.text)];
  const throughTable =
    'SET enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off';
  const throughIndex =
    'RESET enable_indexscan; RESET enable_indexonlyscan; RESET enable_bitmapscan; SET enable_seqscan = off';
  const order = `SELECT 'in order: ' || string_agg(number::text, ' < ' ORDER BY word, number) FROM pair`;
  const equal = `SELECT 'equal: ' || ((SELECT word FROM pair WHERE number = 1) = (SELECT word FROM pair WHERE number = 2))`;
  return [
    topic === 'order' ? order : equal,
    ...throughTable.split('; '),
    count(one, '1 by the table'),
    count(other, '2 by the table'),
    ...throughIndex.split('; '),
    count(one, '1 by the index'),
    count(other, '2 by the index'),
    'RESET enable_seqscan',
    `SELECT 'amcheck: ' || bt_index_check('pair_word', true)::text || 'no complaint'`,
    ...(topic === 'order'
      ? [
          'BEGIN',
          `WITH more AS (INSERT INTO pair VALUES (1, ${one}), (2, ${other}) ON CONFLICT (word) DO NOTHING RETURNING 1) SELECT 'duplicates taken by the unique index: ' || count(*) FROM more`,
          'ROLLBACK',
        ]
      : []),
  ];
}

function count(word: string, way: string): string {
  return `SELECT 'found ${way}: ' || count(*) FROM pair WHERE word = ${word}`;
}

/** Twice on one data directory it does nothing the second time. */
function makeAll({ provider, locale, topic, left, right }: Reproduction): string {
  const deterministic = topic === 'order' ? '' : ', deterministic = false';
  return `DO $make$
BEGIN
  IF to_regclass('pair') IS NULL THEN
    CREATE EXTENSION amcheck;
    CREATE COLLATION drifting (provider = ${provider}, locale = ${literal(locale)}${deterministic});
    CREATE TABLE pair (number int, word text COLLATE drifting);
    INSERT INTO pair VALUES (1, ${literal(left.text)}), (2, ${literal(right.text)});
    CREATE ${topic === 'order' ? 'UNIQUE ' : ''}INDEX pair_word ON pair (word);
  END IF;
END $make$`;
}

/** The same as a script, with how to run it by hand. */
export function reproductionScript(reproduction: Reproduction): string {
  const { provider, from, to, encoding, left, right } = reproduction;
  const statements = reproductionStatements(reproduction);
  return [
    `-- 1 is ${left.codePoints.join(' ')}`,
    `-- 2 is ${right.codePoints.join(' ')}`,
    '--',
    '-- By hand, with the same PostgreSQL on two machines:',
    `-- 1. on a machine with ${placeWords(from, provider)} (${from.name})`,
    '--      initdb -D data --locale=C --encoding=UTF8; pg_ctl -D data start',
    `--      psql -c "${createDatabase({ encoding })}" postgres`,
    `--      psql -XAtq -v VERBOSITY=terse ${reproductionDatabase} < reproduce.sql     # ${outcome(from)} expected.txt`,
    '--      pg_ctl -D data stop; copy "data" to the other machine',
    `-- 2. on a machine with ${placeWords(to, provider)} (${to.name})`,
    '--      pg_ctl -D data start',
    `--      psql -XAtq -v VERBOSITY=terse ${reproductionDatabase} < reproduce.sql     # ${outcome(to)} seen.txt`,
    '-- Or in one go: ./reproduce.sh',
    "SET client_encoding = 'UTF8';",
    ...statements.map((statement) => `${statement};`),
    '',
  ].join('\n');
}

/** Without a server only the libraries were asked. */
function outcome({ server }: Reproduction['from']): string {
  return server === null ? 'has the order of' : 'prints';
}

/** The one command. */
export function reproductionCommand(launcher: string): string {
  return [
    '#!/bin/sh',
    '# Runs reproduce.sql under both sides and shows both answers; exit code 1 when they still differ.',
    `# REDOUBT names the redoubt to use. By hand: see reproduce.sql.`,
    `exec "\${REDOUBT:-${launcher}}" reproduce "$(dirname "$0")" "$@"`,
    '',
  ].join('\n');
}

function placeWords({ libc, icu }: Reproduction['from'], provider: Reproduction['provider']): string {
  return provider === 'icu' ? `ICU ${icu ?? ''}` : `glibc ${libc}`;
}

function literal(text: string): string {
  const escaped = text.replaceAll("'", "''");
  return /[\\\p{C}]/u.test(text) ? `U&'${Array.from(escaped, escapedCharacter).join('')}'` : `'${escaped}'`;
}

/** Control characters would be lost on the way through a terminal or a mail. */
function escapedCharacter(character: string): string {
  if (!/[\\\p{C}]/u.test(character)) return character;
  return `\\+${(character.codePointAt(0) ?? 0).toString(16).padStart(6, '0')}`;
}
