import { join } from 'node:path';

import { test } from '@japa/runner';

import { readIndexStrings } from '../../harness/readback/index-strings.ts';
import { openComputeImage } from '../support/compute-image.ts';
import { rejectionOf } from '../support/error-code.ts';
import { RealCluster } from '../support/real-cluster.ts';

const words = ["Mary O'Connor", 'Mary O’Brien', '😀'];

/** Of one table the files that a failing index may be, and the table itself. */
const statements: readonly string[] = [
  'CREATE EXTENSION btree_gin',
  'CREATE EXTENSION btree_gist',
  'CREATE TABLE names (id int, name text)',
  `INSERT INTO names SELECT n, w FROM unnest(ARRAY[${words.map((word) => `'${word.replace("'", "''")}'`).join(', ')}]) AS u (w), generate_series(1, 300) AS g (n)`,
  "INSERT INTO names VALUES (NULL, NULL), (0, '')",
  'CREATE INDEX plain ON names (name)',
  'CREATE INDEX descending ON names (name DESC, id)',
  'CREATE INDEX covering ON names (lower(name)) INCLUDE (id)',
  'CREATE INDEX numbers ON names (id, name)',
  ...['hash', 'gin', 'gist', 'spgist', 'brin'].map(
    (method) => `CREATE INDEX ${method}_name ON names USING ${method} (name)`,
  ),
];

test.group('the strings of an index', (group) => {
  let cluster: RealCluster;
  let paths: ReadonlyMap<string, string>;
  group.setup(async () => {
    const host = await openComputeImage(17);
    cluster = await RealCluster.make(host, 17);
    await using server = await cluster.start({});
    const client = await server.connect();
    for (const statement of statements) await client.query(statement);
    const { rows } = await client.query<{ readonly name: string; readonly path: string }>(
      `SELECT relname AS name, pg_relation_filepath(oid) AS path FROM pg_class WHERE relnamespace = 'public'::regnamespace`,
    );
    paths = new Map(rows.map(({ name, path }) => [name, join(cluster.dataDirectory, path)]));
    await client.end();
    await server.stop('fast');
    return async () => {
      await cluster[Symbol.asyncDispose]();
      await host[Symbol.asyncDispose]();
    };
  });

  test('are the keys of a btree, of its first column, each once: {index}')
    .with([
      { index: 'plain', strings: words },
      { index: 'descending', strings: words },
      { index: 'covering', strings: words.map((word) => word.toLowerCase()) },
    ])
    .run(async ({ assert }, { index, strings }) => {
      assert.sameMembers([...(await readIndexStrings(paths.get(index) ?? ''))], [...strings]);
    });

  test('what has none is refused, and what to give instead is said: {file}')
    .with([
      { file: 'numbers', words: 'has no two keys that begin with a text' },
      { file: 'hash_name', words: 'is no btree, but looks like hash' },
      { file: 'gin_name', words: 'is no btree, but looks like gin' },
      { file: 'gist_name', words: 'is no btree, but looks like gist' },
      { file: 'spgist_name', words: 'is no btree, but looks like spgist' },
      { file: 'brin_name', words: 'is no btree, but looks like brin' },
      { file: 'names', words: 'is no btree, but looks like a table' },
    ])
    .run(async ({ assert }, { file, words: said }) => {
      const error = await rejectionOf(readIndexStrings(paths.get(file) ?? ''));
      assert.deepEqual([error.kind, error.code], ['usage', 'index-unfit']);
      assert.include(error.message, said);
      assert.match(error.remedy ?? '', /--strings/);
    });
});
