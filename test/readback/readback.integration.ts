import { open } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { readItem } from '../../harness/page/item.ts';
import { pageSizeBytes } from '../../harness/page/page-bytes.ts';
import type { Host } from '../../harness/host/engine.ts';
import type { RunningServer } from '../../harness/compute/server.ts';
import { readLeafEntries } from '../../harness/readback/btree-leaves.ts';
import { casedTables, extensions, sortedTables } from '../../harness/readback/proof/proof-tables.ts';
import { proofCollations } from '../../harness/readback/proof/proof-locale.ts';
import { readback } from '../../harness/readback/readback.ts';
import { openComputeImage } from '../support/compute-image.ts';
import { RealCluster } from '../support/real-cluster.ts';
import { testedMajors } from '../support/tested-majors.ts';
import { readMade, summaryOf, withDatabase } from './support/read-database.ts';

/** Order by bytes and by ICU disagree about these. */
const words = `SELECT CASE WHEN n % 2 = 0 THEN 'Word ' || n ELSE 'word ' || n END AS k, n FROM generate_series(1, 3000) AS g (n)`;

/** The index now means a collation under which it was not built. */
const otherCollation = (index: string): readonly string[] => [
  `UPDATE pg_index SET indcollation = '"und-x-icu"'::regcollation::oid::text::oidvector WHERE indexrelid = '${index}'::regclass`,
  `UPDATE pg_attribute SET attcollation = '"und-x-icu"'::regcollation WHERE attrelid = '${index}'::regclass`,
];

/** Strings for the tables of a proof. */
function given(table: string): string {
  return `CREATE TABLE given.${table} AS SELECT n AS id, 'ß word ' || n % 700 || repeat('é', n % 7) AS word FROM generate_series(1, 700) AS g (n)`;
}

test.group('readback', (group) => {
  let host: Host;
  let cluster: RealCluster;
  let server: RunningServer;
  group.setup(async () => {
    host = await openComputeImage(17);
    cluster = await RealCluster.make(host, 17);
    server = await cluster.start({});
    return async () => {
      await server[Symbol.asyncDispose]();
      await cluster[Symbol.asyncDispose]();
      await host[Symbol.asyncDispose]();
    };
  });

  test('finds nothing wrong with what PostgreSQL {$self} wrote itself')
    .with([...testedMajors([14, 15, 16, 17, 18])])
    .run(async ({ assert }, major) => {
      await using stack = new AsyncDisposableStack();
      const ownHost = major === 17 ? host : stack.use(await openComputeImage(major));
      const ownCluster = major === 17 ? cluster : stack.use(await RealCluster.make(ownHost, major));
      const own = major === 17 ? server : stack.use(await ownCluster.start({}));
      const collations = proofCollations({ provider: 'icu', locale: 'und' });
      const {
        codes,
        words: said,
        readback: read,
      } = await readMade(own, 'sound', [
        ...extensions.map((name) => `CREATE EXTENSION ${name}`),
        ...collations.map(({ create }) => create),
        'CREATE SCHEMA given',
        given('sorted'),
        given('cased'),
        ...sortedTables('ß word 4', collations),
        ...casedTables,
        // What cannot be asked by value is said, and what is asked in other ways is asked.
        'CREATE TABLE places (place point, spans int4range, note jsonb, tags text[])',
        `INSERT INTO places SELECT point(n, n), int4range(n, n + 5), jsonb_build_object('n', n), ARRAY[n::text, 'x'] FROM generate_series(1, 300) AS g (n)`,
        'CREATE INDEX places_place ON places USING gist (place)',
        'CREATE INDEX places_spans ON places USING spgist (spans)',
        'CREATE INDEX places_note ON places USING gin (note)',
        'CREATE INDEX places_tags ON places USING gin (tags)',
        'CREATE INDEX places_nothing ON places (spans) WHERE spans IS NULL',
      ]);
      assert.deepEqual(codes, [], said);
      assert.deepEqual(read.warnings, []);
      assert.deepEqual(read.notChecked, []);
      const { indexesChecked, indexesSensitive, rowsLookedUp, duplicatesOffered, rangesCounted, rowsJoined } =
        read.counts;
      // From 17 on the database's own collation is PostgreSQL's, which no library changes.
      assert.deepEqual([indexesChecked, indexesSensitive], [43, major >= 17 ? 7 : 37]);
      assert.isAbove(rowsLookedUp, 15_000);
      assert.isAbove(duplicatesOffered, 3000);
      assert.isAbove(rangesCounted, 400);
      assert.isAbove(rowsJoined, 6000);
      assert.containSubset(read.counts, {
        partitionsChecked: 9,
        constraintsChecked: 4,
        valuesGenerated: 2100,
      });
      assert.deepEqual(read.brokenIndexes, []);
    });

  test('looks at catalogs and TOAST tables, too, or at one schema alone', async ({ assert }) => {
    await withDatabase(
      server,
      'scopes',
      ['CREATE SCHEMA one', 'CREATE TABLE one.t (k text PRIMARY KEY)', 'CREATE TABLE u (k text PRIMARY KEY)'],
      async (client) => {
        const everything = await readback(client, { withSystem: true });
        assert.isAbove(everything.counts.indexesChecked, 150);
        assert.deepEqual(summaryOf(everything).codes, []);
        assert.equal((await readback(client)).counts.indexesChecked, 2);
        assert.equal((await readback(client, { schema: 'one' })).counts.indexesChecked, 1);
        // A second reading of the same database says the same.
        assert.equal((await readback(client, { schema: 'one' })).counts.indexesChecked, 1);
      },
    );
  });

  test('an index whose collation changed loses rows, takes duplicates, miscounts', async ({ assert }) => {
    const {
      codes,
      words: said,
      readback: read,
    } = await readMade(server, 'changed', [
      `CREATE TABLE t AS ${words}`,
      'CREATE UNIQUE INDEX t_k ON t (k COLLATE "C")',
      'CREATE INDEX t_n ON t (n)',
      ...otherCollation('t_k'),
    ]);
    assert.sameMembers(
      [...codes],
      [
        'readback-index-corrupt',
        'readback-row-not-found',
        'readback-order-wrong',
        'readback-range-wrong',
        'readback-join-wrong',
        'readback-duplicate-accepted',
      ],
    );
    assert.deepEqual(read.brokenIndexes, ['t_k']);
    assert.match(
      said,
      /index t_k \(btree on t, COLLATE "und-x-icu"\) is corrupt: public\.bt_index_check says: /,
    );
    assert.match(said, /index t_k .* does not find [\d,]+ rows of 3,000 by their own keys: "[wW]ord \d+"/);
    assert.match(said, /unique index t_k .* accepts [\d,]+ duplicates of 3,000 rows offered again: "/);
    assert.match(said, /index t_k .* gives [\d,]+ rows? of 3,000 out of order: "[wW]ord \d+" comes behind "/);
    assert.isAbove(read.counts.rowsNotFound, 500);
    assert.equal(read.counts.rowsLookedUp, 6000);
  });

  test('rows in a partition where they do not belong', async ({ assert }) => {
    const {
      codes,
      words: said,
      readback: read,
    } = await readMade(server, 'parted', [
      'CREATE TABLE p (k text) PARTITION BY RANGE (k)',
      `CREATE TABLE low AS SELECT 'm' || n AS k FROM generate_series(1, 5) AS g (n)`,
      `INSERT INTO low VALUES ('z1'), ('z2')`,
      // ATTACH believes a constraint that is said to be validated.
      `ALTER TABLE low ALTER k SET NOT NULL, ADD CONSTRAINT lie CHECK (k < 'n') NOT VALID`,
      `UPDATE pg_constraint SET convalidated = true WHERE conname = 'lie'`,
      `ALTER TABLE p ATTACH PARTITION low FOR VALUES FROM (MINVALUE) TO ('n')`,
      'ALTER TABLE low DROP CONSTRAINT lie',
    ]);
    assert.deepEqual(codes, ['readback-wrong-partition']);
    assert.equal(read.counts.rowsInWrongPartition, 2);
    assert.match(
      said,
      /partition low \(FOR VALUES FROM \(MINVALUE\) TO \('n'\)\) holds 2 rows that belong elsewhere.*"\(z1\)"/,
    );
  });

  test('rows against a CHECK, and a generated column that its expression left behind', async ({ assert }) => {
    const {
      codes,
      words: said,
      readback: read,
    } = await readMade(server, 'promises', [
      `CREATE FUNCTION small(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT lower($1)'`,
      'CREATE TABLE t (k text, s text GENERATED ALWAYS AS (small(k)) STORED)',
      `INSERT INTO t VALUES ('A'), ('b'), ('c')`,
      `ALTER TABLE t ADD CONSTRAINT letters CHECK (k ~ '[a-b]') NOT VALID`,
      `UPDATE pg_constraint SET convalidated = true WHERE conname = 'letters'`,
      `CREATE OR REPLACE FUNCTION small(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1'`,
    ]);
    assert.deepEqual(codes, ['readback-constraint-broken', 'readback-value-stale']);
    assert.containSubset(read.counts, { rowsAgainstConstraints: 2, valuesGenerated: 3, valuesStale: 1 });
    assert.match(said, /table t breaks its constraint letters, CHECK \(.*\), in 2 rows: "\(A,a\)"/);
    assert.match(said, /column s of t holds another value than .*small\(k\) gives now in 1 row: "\(A,a\)"/);
  });

  test('a foreign key whose parent is gone', async ({ assert }) => {
    const {
      codes,
      words: said,
      readback: read,
    } = await readMade(server, 'orphans', [
      'CREATE TABLE parent (a text, b int, PRIMARY KEY (a, b))',
      'CREATE TABLE child (x int, y text, FOREIGN KEY (y, x) REFERENCES parent (a, b))',
      `INSERT INTO parent VALUES ('p', 1), ('p', 2)`,
      `INSERT INTO child VALUES (1, 'p'), (2, 'p'), (NULL, 'p'), (7, NULL)`,
      `SET session_replication_role = replica`,
      `DELETE FROM parent WHERE b = 2`,
      `RESET session_replication_role`,
    ]);
    assert.deepEqual(codes, ['readback-constraint-broken']);
    assert.equal(read.counts.rowsAgainstConstraints, 1);
    assert.match(
      said,
      /table child breaks its foreign key child_y_x_fkey in 1 row that parent has no row for: "\(2,p\)"/,
    );
  });

  test('rows that equal each other under a unique index', async ({ assert }) => {
    const {
      codes,
      words: said,
      readback: read,
    } = await readMade(server, 'equal', [
      'CREATE TABLE t (k text)',
      `INSERT INTO t VALUES ('a'), ('a'), ('b')`,
      'CREATE INDEX t_k ON t (k)',
      `UPDATE pg_index SET indisunique = true WHERE indexrelid = 't_k'::regclass`,
    ]);
    // amcheck looks at uniqueness from 17 on.
    assert.includeMembers([...codes], ['readback-duplicate-stored']);
    assert.equal(read.counts.duplicatesStored, 1);
    assert.match(
      said,
      /unique index t_k .* holds 1 row that equal another one: "a = a"; REINDEX will refuse/,
    );
  });

  test('damaged pages: an item that points at another row, a row that cannot be, a page that is none', async ({
    assert,
  }) => {
    await using broken = await RealCluster.make(host, 17);
    const paths = new Map<string, string>();
    await using first = await broken.start({});
    const client = await first.connect();
    await client.query(
      `CREATE TABLE a (k text); INSERT INTO a VALUES ('x'), ('x'), ('y'); CREATE INDEX a_k ON a (k) WITH (deduplicate_items = off)`,
    );
    await client.query(`CREATE TABLE b (n int); INSERT INTO b VALUES (1), (2)`);
    await client.query(
      `CREATE TABLE c (k text); INSERT INTO c SELECT 'k' || n FROM generate_series(1, 2000) AS g (n); CREATE INDEX c_k ON c (k)`,
    );
    await client.query(
      "CREATE COLLATION und (provider = icu, locale = 'und'); CREATE TABLE d (k text COLLATE und); CREATE INDEX d_k ON d (k)",
    );
    await client.query(`INSERT INTO d ${words.replace(' AS k, n', ' AS k')}`);
    for (const name of ['a_k', 'b', 'c_k', 'd_k']) {
      const { rows } = await client.query<{ path: string }>(
        `SELECT pg_relation_filepath($1::regclass) AS path`,
        [name],
      );
      paths.set(name, join(broken.dataDirectory, rows[0]?.path ?? ''));
    }
    const inOrder = await client.query<{ row: string; k: string }>(
      'SELECT ctid::text AS row, k FROM d ORDER BY k, ctid',
    );
    await client.end();
    await first.stop('fast');
    // The leaves of a sound btree are the rows in order.
    const entries = await readLeafEntries(paths.get('d_k') ?? '');
    assert.deepEqual(
      entries.map(({ row, key }) => ({ row, k: key })),
      inOrder.rows,
    );
    assert.isAbove(new Set(entries.map(({ block }) => block)).size, 5);
    await editPage(paths.get('a_k') ?? '', 1, (page) => {
      const [one, two] = [readItem(page, 1), readItem(page, 2)];
      page.copy(page, two.offset, one.offset, one.offset + 6);
    });
    await editPage(paths.get('b') ?? '', 0, (page) => page.writeUInt8(32, readItem(page, 1).offset + 22));
    await editPage(paths.get('c_k') ?? '', 1, (page) => page.writeUInt16LE(0, 16));
    await using second = await broken.start({});
    const session = await second.connect();
    const { findings } = await readback(session);
    await session.end();
    const of = (name: string): readonly string[] => [
      ...new Set(
        findings
          .filter(
            ({ details }) =>
              details?.['index'] === name || (details?.['table'] === name && details['index'] === undefined),
          )
          .map(({ code }) => code),
      ),
    ];
    assert.includeMembers(
      [...of('a_k')],
      ['readback-index-corrupt', 'readback-row-not-found', 'readback-row-repeated'],
    );
    assert.deepEqual(of('b'), ['readback-table-corrupt']);
    assert.includeMembers([...of('c_k')], ['readback-index-corrupt', 'readback-read-failed']);
    assert.deepEqual(of('d_k'), []);
    await second.stop('fast');
  });
});

async function editPage(path: string, block: number, edit: (page: Buffer) => void): Promise<void> {
  await using file = await open(path, 'r+');
  const page = Buffer.alloc(pageSizeBytes);
  await file.read(page, 0, pageSizeBytes, block * pageSizeBytes);
  edit(page);
  await file.write(page, 0, pageSizeBytes, block * pageSizeBytes);
}
