import type { Assert } from '@japa/assert';
import type { Client } from 'pg';

import { readRelationNames } from '../../harness/compute/relation-name.ts';
import { explainPage, type ExplainedItem } from '../../harness/page/explain.ts';
import type { KeyColumn } from '../../harness/page/key/key-column.ts';
import type { PageKind } from '../../harness/page/kind.ts';
import { readPages } from './inspected.ts';

/* The keys on the pages of real indexes, held against what a SELECT makes of the rows that they point at. */

const rows = 3000;

/** A table of every type that keys are read of, each with odd values and NULL, and indexes of several columns. */
const statements = [
  `CREATE DOMAIN label AS varchar(20)`,
  `CREATE TABLE keyed (
     i2 int2, i4 int4, i8 int8, o oid, b bool, f4 float4, f8 float8, n numeric, t text COLLATE "C", v label, c char(7),
     nm name, by bytea, d date, tm time, ts timestamp, tz timestamptz, u uuid, p point, bx box, tags text[], words tsvector)`,
  `SELECT setseed(0.25)`,
  `INSERT INTO keyed SELECT
     CASE WHEN n % 11 > 0 THEN (n * 7919) % 65536 - 32768 END, n * 65537 - 100000000, (n - 1500)::int8 * 4611686018427, n * 1000003::int8 % 4294967296,
     n % 3 = 0, (random() - 0.5) * power(10, n % 70 - 35), (random() - 0.5) * power(10, n % 600 - 300),
     CASE n % 9 WHEN 0 THEN 'NaN' WHEN 1 THEN '-Infinity' WHEN 2 THEN round(random()::numeric, 30) / 10000000000 WHEN 3 THEN 0
       WHEN 4 THEN 10000 ^ (n % 20) WHEN 5 THEN NULL ELSE (random() * 1000000000000)::numeric(30, 6) * (n % 2 * 2 - 1) END,
     CASE WHEN n % 13 > 0 THEN repeat('Zoë €😀' || n, n % 4) END, 'v' || n % 50, 'c' || n % 1000, 'name' || n, decode(md5(n::text), 'hex'),
     CASE n % 5 WHEN 0 THEN 'infinity' WHEN 1 THEN date '0044-03-15 BC' + n ELSE date '1999-12-31' + (n - 1000) * 500 END,
     time '00:00' + n * interval '1.000001 s', timestamp '1969-07-20 20:17:40' + (n - 2000) * interval '97 days 1.5 s',
     timestamptz '2000-01-01 00:00+00' - n * interval '1 us', md5(n::text)::uuid, point(n, n / 3.0), box(point(n, 1), point(-n, 0.1)),
     ARRAY['tag ' || n % 40, NULLIF('ü' || n % 7, 'ü3')],
     to_tsvector('simple', 'both ' || n % 30)
   FROM generate_series(1, ${String(rows)}) AS n`,
  `INSERT INTO keyed (v, b, f4, f8) SELECT 'odd', false, f4::float4, f8::float8 FROM (VALUES ('NaN', '-0'), ('Infinity', '1e15'),
     ('1e6', '123456789012345'), ('0.0001', '0.00001'), ('16777216', '1e23')) AS odd (f4, f8)`,
  `CREATE INDEX keyed_numbers ON keyed (i2, n, i8, b) INCLUDE (f4, t)`,
  `CREATE INDEX keyed_texts ON keyed (v, t, c, nm, by)`,
  `CREATE INDEX keyed_times ON keyed (b, d, tm, ts, tz, u)`,
  `CREATE INDEX keyed_floats ON keyed (f4, f8, o, i4)`,
  `CREATE INDEX keyed_few ON keyed (v, b)`,
  `CREATE INDEX keyed_gist ON keyed USING gist (bx, p) INCLUDE (i4)`,
  `CREATE INDEX keyed_gin ON keyed USING gin (tags, words)`,
  `CREATE INDEX keyed_hash ON keyed USING hash (t)`,
];

/** Where a tuple of a leaf points: its heap pointer, or those of its posting list. */
function pointers({ fields }: ExplainedItem): readonly string[] {
  const posting = fields.flatMap(({ name, value }) => (name.startsWith('posting[') ? [value ?? ''] : []));
  const own = fields.find(({ name }) => name === 't_tid')?.value ?? '';
  return posting.length > 0 ? posting : /^\(\d+,\d+\)$/.test(own) ? [own] : [];
}

function valuesOf({ fields }: ExplainedItem): readonly (string | null)[] | undefined {
  return fields.find(({ name }) => name.startsWith('key'))?.key?.map(({ value }) => value);
}

interface Compared {
  readonly leaves: number;
  readonly pivots: number;
  readonly postings: number;
}

/** Compares the keys of one btree: every tuple of a leaf with its rows, every pivot with the beginning of some row. */
async function compareBtree(
  client: Client,
  name: string,
  columns: readonly KeyColumn[],
  assert: Assert,
): Promise<Compared> {
  const shown = columns.map(
    ({ name: column }) => `CASE WHEN "${column}" IS NOT NULL THEN format('%s', "${column}") END`,
  );
  const { rows: all } = await client.query<{ ctid: string; key: readonly (string | null)[] }>(
    `SELECT ctid::text, ARRAY[${shown.join(', ')}] AS key FROM keyed`,
  );
  const byPointer = new Map(all.map(({ ctid, key }) => [ctid, key]));
  const beginnings = new Set(
    all.flatMap(({ key }) => key.map((_, at) => JSON.stringify(key.slice(0, at + 1)))),
  );
  const met = { leaves: 0, pivots: 0, postings: 0 };
  for (const { page, block } of await readPages(client, name, 'main')) {
    for (const item of explainPage(page, 'btree', columns).items) {
      const values = valuesOf(item);
      const where = `${name} block ${String(block)} item ${String(item.number)}`;
      const found = pointers(item);
      if (values === undefined) {
        assert.isUndefined(
          item.fields.find(({ name: field }) => field.startsWith('key')),
          where,
        );
        continue;
      }
      for (const pointer of found) assert.deepEqual(values, byPointer.get(pointer), where);
      met.leaves += found.length;
      if (found.length > 1) met.postings++;
      if (found.length > 0) continue;
      assert.isTrue(beginnings.has(JSON.stringify(values)), `${where}: ${JSON.stringify(values)}`);
      met.pivots++;
    }
  }
  return met;
}

/** The values that occur in an index's keys, column by column. */
async function keysOf(
  client: Client,
  name: string,
  kind: PageKind,
  columns: readonly KeyColumn[],
): Promise<readonly (readonly (string | null)[])[]> {
  const pages = await readPages(client, name, 'main');
  return pages.flatMap(({ page }) =>
    explainPage(page, kind, columns).items.flatMap((item) => [valuesOf(item) ?? []]),
  );
}

/** Makes the table and compares the keys of all its indexes. */
export async function compareKeys(client: Client, assert: Assert): Promise<void> {
  await client.query(`SET TimeZone = 'UTC'`);
  for (const statement of statements) await client.query(statement);
  const names = await readRelationNames(client);
  const columnsOf = (name: string): readonly KeyColumn[] =>
    names.find((each) => each.name === name)?.columns ?? [];
  for (const name of ['keyed_numbers', 'keyed_texts', 'keyed_times', 'keyed_floats', 'keyed_few']) {
    const { leaves, pivots, postings } = await compareBtree(client, name, columnsOf(name), assert);
    assert.equal(leaves, rows + 5, name);
    assert.isAbove(pivots, 0, name);
    if (name === 'keyed_few') assert.isAbove(postings, 0);
  }
  assert.equal(columnsOf('keyed_texts')[1]?.collation, 'C');
  assert.equal(columnsOf('keyed_texts')[0]?.type, 'varchar');

  const boxes = await client.query<{ key: string }>(
    `SELECT format('%s|%s|%s', bx, box(p, p), i4) AS key FROM keyed WHERE bx IS NOT NULL ORDER BY 1`,
  );
  const gist = await keysOf(client, 'keyed_gist', 'gist', columnsOf('keyed_gist'));
  const leaves = new Set(gist.filter(({ length }) => length === 3).map((key) => key.join('|')));
  for (const { key } of boxes.rows) assert.isTrue(leaves.has(key), key);
  assert.isAbove(gist.filter(({ length }) => length === 2).length, 0, 'inner pages have no i4');

  const tags = await client.query<{ tag: string }>(
    `SELECT DISTINCT tag FROM keyed, unnest(tags) AS tag WHERE tag IS NOT NULL`,
  );
  const gin = (await keysOf(client, 'keyed_gin', 'gin', columnsOf('keyed_gin'))).flat();
  for (const tag of ['both', '17', ...tags.rows.map((row) => row.tag)]) assert.include(gin, tag);

  const codes = await client.query<{ code: string }>(
    `SELECT DISTINCT hashtext(t)::text AS code FROM keyed WHERE t IS NOT NULL`,
  );
  const hash = new Set((await keysOf(client, 'keyed_hash', 'hash', columnsOf('keyed_hash'))).flat());
  for (const { code } of codes.rows) assert.isTrue(hash.has(code), code);
}
