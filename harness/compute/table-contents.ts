import type { Client } from 'pg';

/** The rows of one page of a table: their number, and a hash over the place and text of each. */
export type BlockContents = readonly [block: number, rows: number, hash: string];

/** What a table holds, page by page. */
export interface TableContents {
  /** With its schema. */
  readonly table: string;
  /** Pages with rows that the session sees, in order. */
  readonly blocks: readonly BlockContents[];
}

/** The tables of one database. */
export interface DatabaseContents {
  readonly database: string;
  readonly tables: readonly TableContents[];
}

/** Permanent tables that somebody's rows lie in, catalogs included, and materialized views; TOAST is read with its table. */
const tablesQuery = `
  SELECT format('%I.%I', n.nspname, c.relname) AS table
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm') AND c.relpersistence = 'p'
  ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`;

/** Values print the same on every server, and tables are read as they lie. */
const settings = `
  SET enable_indexscan = off;
  SET enable_indexonlyscan = off;
  SET enable_bitmapscan = off;
  SET extra_float_digits = 1;
  SET bytea_output = hex;
  SET datestyle = 'ISO, YMD';
  SET intervalstyle = postgres`;

/** The names of the session's tables, as SQL, in order. Throws what `pg` throws. */
export async function readTableNames(client: Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ readonly table: string }>(tablesQuery);
  return rows.map(({ table }) => table);
}

/** Reads one table in a sequential scan, or one page of it alone. Throws what `pg` throws. */
export async function readTableContents(
  client: Client,
  table: string,
  onlyBlock?: number,
): Promise<TableContents> {
  const within =
    onlyBlock === undefined
      ? ''
      : `WHERE t.ctid >= '(${String(onlyBlock)},0)' AND t.ctid < '(${String(onlyBlock + 1)},0)'`;
  const { rows } = await client.query<{ block: string; rows: string; hash: string }>(`
    SELECT (t.ctid::text::point)[0]::int8::text AS block, count(*)::text AS rows,
      to_hex(bit_xor(hashtextextended((t.ctid::text || ROW(t.*)::text) COLLATE "C", 0))) AS hash
    FROM ${table} AS t ${within} GROUP BY 1`);
  const blocks = rows.map((row): BlockContents => [Number(row.block), Number(row.rows), row.hash]);
  return { table, blocks: blocks.toSorted(([left], [right]) => left - right) };
}

/** Runs `read` with settings under which a table is the same text everywhere. */
export async function whileReadingTables<Value>(client: Client, read: () => Promise<Value>): Promise<Value> {
  await client.query(settings);
  const value = await read();
  await client.query('RESET ALL');
  return value;
}

/** Reads all tables of the session's database. Throws what `pg` throws. */
export function readDatabaseContents(client: Client): Promise<DatabaseContents> {
  return whileReadingTables(client, async () => {
    const tables: TableContents[] = [];
    for (const table of await readTableNames(client)) tables.push(await readTableContents(client, table));
    return { database: client.database ?? '', tables };
  });
}
