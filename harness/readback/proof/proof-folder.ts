import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { systemError } from '../../host/system-error.ts';
import type { ReadbackFindingCode } from '../../verdict/finding-code.ts';
import type { Finding } from '../../verdict/finding.ts';
import type { LocaleProof, ProvedLocale } from './locale-proof.ts';
import { literal } from './proof-locale.ts';

/**
 * Writes what is needed to check a proof by hand into a folder of its own below `directory`, and returns its name:
 * `tables.sql` makes the tables, `by-hand.sql` shows what is found, `findings.txt` has all of it, `pages/` the pages that are
 * named. Throws `infrastructure` when it cannot be written.
 */
export async function writeProof(directory: string, { proof, script, pages }: ProvedLocale): Promise<string> {
  const name = `${proof.provider}-${proof.locale.replaceAll(/[^\w.@-]+/g, '-')}`;
  const folder = join(directory, name);
  try {
    await mkdir(join(folder, 'pages'), { recursive: true });
    await writeFile(join(folder, 'tables.sql'), `${script.join('\n')}\n`);
    await writeFile(join(folder, 'by-hand.sql'), `${byHand(proof).join('\n')}\n`);
    await writeFile(join(folder, 'findings.txt'), `${findings(proof).join('\n')}\n`);
    for (const { index, side, block, bytes } of pages)
      await writeFile(join(folder, 'pages', `${index}.${side}.${String(block)}.page`), bytes);
  } catch (error) {
    throw systemError(`cannot write the proof into ${folder}`, error);
  }
  return name;
}

/** Statements for psql whose answers are wrong under the other libraries. */
function byHand({ provider, locale, from, to, server, order }: LocaleProof): readonly string[] {
  // Of a table that has no other index and no other column that must be filled.
  const plain = (code: ReadbackFindingCode): Finding | undefined =>
    order.opened.findings.find(
      (finding) => finding.code === code && finding.details?.['index'] === 'sorted.named_pkey',
    );
  const missing = plain('readback-row-not-found');
  const accepted = plain('readback-duplicate-accepted');
  return [
    `-- ${provider} ${locale}: make a database of this locale with ${server} on ${from}, run tables.sql in it, stop the server,`,
    `-- and open the data directory with the same program on ${to}. Then, in psql:`,
    `SELECT bt_index_check('sorted.named_pkey', true);`,
    ...statementsOf(missing, (table, key) => [
      `SET enable_indexscan = off; SET enable_bitmapscan = off; SET enable_indexonlyscan = off;`,
      `SELECT count(*) FROM ${table} WHERE word = ${key}; -- 1: it is there`,
      `SET enable_indexscan = on; SET enable_seqscan = off;`,
      `SELECT count(*) FROM ${table} WHERE word = ${key}; -- 0: the index does not find it`,
    ]),
    ...statementsOf(accepted, (table, key) => [
      `BEGIN; INSERT INTO ${table} (word) VALUES (${key}); ROLLBACK; -- accepted, though it is there and unique`,
    ]),
  ];
}

function statementsOf(
  finding: Finding | undefined,
  statements: (table: string, key: string) => readonly string[],
): readonly string[] {
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
