import { type Client, DatabaseError } from 'pg';

import type { IndexFacts, IndexKey } from './index-facts.ts';
import { setLocally, throughHeap } from './session.ts';

/** A table's rows with the keys of one of its indexes, read from the heap into temporary tables of the transaction. */
export interface IndexRows {
  /** Whether keys are looked up once each; of types that know no equality each row is a key of its own. */
  readonly areKeysDistinct: boolean;
}

/** `redoubt_k1, redoubt_k2`, each as a template gives it. */
export function keyList(index: IndexFacts, template: (name: string, position: number) => string): string {
  return index.keys.map((_, position) => template(keyName(position), position)).join(', ');
}

/** Conditions on every key, `position` counted from 0. */
export function everyKey(index: IndexFacts, template: (name: string, position: number) => string): string {
  return index.keys.map((_, position) => template(keyName(position), position)).join(' AND ');
}

/** The column of a key in the temporary tables. */
export function keyName(position: number): string {
  return `redoubt_k${String(position + 1)}`;
}

/** Whether a key is found by words in it, not by itself. */
export function isTextSearch(key: IndexKey | undefined): boolean {
  return key?.equal?.endsWith('.@@)') === true;
}

/** The condition of a partial index as one more condition. */
export function andPredicate({ predicate }: IndexFacts): string {
  return predicate === null ? '' : ` AND (${predicate})`;
}

/**
 * Fills `redoubt_rows` (each row's `redoubt_row` and keys) and `redoubt_keys` (at most `mostKeys` keys that can be searched,
 * always the same ones). Only inside of a transaction that is rolled back.
 */
export async function gatherRows(client: Client, index: IndexFacts, mostKeys: number): Promise<IndexRows> {
  await setLocally(client, throughHeap);
  const columns = keyList(index, (name, position) => `${index.keys[position]?.expression ?? ''} AS ${name}`);
  await client.query(
    `CREATE TEMP TABLE redoubt_rows ON COMMIT DROP AS
     SELECT ctid AS redoubt_row, ${columns} FROM ONLY ${index.table} WHERE true${andPredicate(index)}`,
  );
  return { areKeysDistinct: await gatherKeys(client, index, mostKeys) };
}

async function gatherKeys(client: Client, index: IndexFacts, mostKeys: number): Promise<boolean> {
  const order = `md5(concat_ws('|', ${keyList(index, (name) => `${name}::text`)}) COLLATE "C")`;
  // A text without words is found by no search for words.
  const present = everyKey(index, (name, position) =>
    isTextSearch(index.keys[position]) ? `length(${name}) > 0` : `${name} IS NOT NULL`,
  );
  const make = (columns: string): string =>
    `CREATE TEMP TABLE redoubt_keys ON COMMIT DROP AS
     SELECT * FROM (SELECT ${columns} FROM redoubt_rows WHERE ${present}) AS k ORDER BY ${order} LIMIT ${String(mostKeys)}`;
  await client.query('SAVEPOINT redoubt_distinct');
  try {
    await client.query(make(`DISTINCT ${keyList(index, (name) => name)}`));
    return true;
  } catch (error) {
    // Points and the like have no equality of their own.
    if (!(error instanceof DatabaseError) || error.code !== '42883') throw error;
    await client.query('ROLLBACK TO SAVEPOINT redoubt_distinct');
    await client.query(make('*'));
    return false;
  }
}
