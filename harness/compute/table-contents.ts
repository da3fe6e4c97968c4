import type { Client } from 'pg';

/** What a table holds: every row with its place, whatever the order in which they are read. */
export interface TableContents {
  readonly database: string;
  /** With its schema. */
  readonly table: string;
  readonly rows: string;
  /** Sum of a hash over each row's place and text. */
  readonly hash: string;
}

/** Permanent tables that somebody's rows lie in, catalogs included, and materialized views; TOAST is read with its table. */
const tablesQuery = `
  SELECT format('%I.%I', n.nspname, c.relname) AS table
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm') AND c.relpersistence = 'p'
  ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`;

/** Reads all tables of the session's database in one sequential scan each. Throws what `pg` throws. */
export async function readTableContents(client: Client): Promise<readonly TableContents[]> {
  // The scans must see the tables, not an index, and print the same on every server.
  await client.query(`
    SET enable_indexscan = off;
    SET enable_indexonlyscan = off;
    SET enable_bitmapscan = off;
    SET extra_float_digits = 1;
    SET bytea_output = hex;
    SET datestyle = 'ISO, YMD';
    SET intervalstyle = postgres`);
  const { database } = client;
  const { rows } = await client.query<{ readonly table: string }>(tablesQuery);
  const contents: TableContents[] = [];
  for (const { table } of rows) {
    const read = await client.query<{ readonly rows: string; readonly hash: string }>(`
      SELECT count(*)::text AS rows,
        coalesce(sum(hashtextextended(t.ctid::text || ROW(t.*)::text COLLATE "C", 0)), 0)::text AS hash
      FROM ${table} AS t`);
    for (const { rows: count, hash } of read.rows)
      contents.push({ database: database ?? '', table, rows: count, hash });
  }
  await client.query('RESET ALL');
  return contents;
}
