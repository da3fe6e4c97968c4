import { type Client, DatabaseError } from 'pg';

/** Settings of a transaction, as `SET LOCAL` takes them. */
export type LocalSettings = Readonly<Record<string, string>>;

/** A damaged page can send a search round in circles; PostgreSQL looks at interrupts on the way. */
const statementTimeout = '60s';

/** Tables are read as they lie, never through an index. */
export const throughHeap: LocalSettings = {
  enable_seqscan: 'on',
  enable_indexscan: 'off',
  enable_indexonlyscan: 'off',
  enable_bitmapscan: 'off',
  enable_tidscan: 'off',
};

/** An index is used wherever it can be. */
export const throughIndex: LocalSettings = {
  enable_seqscan: 'off',
  enable_sort: 'off',
  enable_indexscan: 'on',
  enable_indexonlyscan: 'off',
  enable_bitmapscan: 'off',
  enable_tidscan: 'off',
  enable_material: 'off',
  enable_memoize: 'off',
};

/** Runs `work` in a transaction of which nothing stays. */
export async function rolledBack<Value>(client: Client, work: () => Promise<Value>): Promise<Value> {
  await client.query('BEGIN');
  try {
    await setLocally(client, { statement_timeout: statementTimeout });
    return await work();
  } finally {
    // A server that died cannot roll back, and need not; the error that says so is on its way already.
    await client.query('ROLLBACK').catch(() => undefined);
  }
}

/** Runs `work` within a transaction; of what it does nothing stays, and the transaction goes on whatever happens. */
export async function inSavepoint<Value>(client: Client, work: () => Promise<Value>): Promise<Value> {
  await client.query('SAVEPOINT redoubt_check');
  try {
    return await work();
  } finally {
    await client.query('ROLLBACK TO SAVEPOINT redoubt_check').catch(() => undefined);
  }
}

/** Changes settings until the end of the transaction. */
export async function setLocally(client: Client, settings: LocalSettings): Promise<void> {
  const all = Object.entries(settings).map(([name, value]) => `SET LOCAL ${name} = '${value}'`);
  if (all.length > 0) await client.query(all.join('; '));
}

/** What the server says about damaged data, in one line; undefined for errors that are not about data but about us. */
export function serverComplaint(error: unknown): string | undefined {
  if (!(error instanceof DatabaseError)) return undefined;
  // Class 42 is a statement that makes no sense, 53 a machine without resources, 08 and 57P a server that is gone.
  if (/^(08|42|53|57P)/.test(error.code ?? '')) return undefined;
  return [error.message, error.detail].filter((words) => words !== undefined && words !== '').join('; ');
}

/** How the server would run a statement, as compact JSON. */
export async function planOf(client: Client, statement: string): Promise<string> {
  const { rows } = await client.query<{ readonly 'QUERY PLAN': unknown }>(
    `EXPLAIN (FORMAT JSON, COSTS OFF) ${statement}`,
  );
  return JSON.stringify(rows[0]?.['QUERY PLAN']);
}

/** Whether the server would read through an index of this name. */
export async function usesIndex(client: Client, indexName: string, statement: string): Promise<boolean> {
  return (await planOf(client, statement)).includes(`"Index Name":${JSON.stringify(indexName)}`);
}
