import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import {
  readCollationRows,
  readDatabaseRows,
  readStoredRelations,
  type ReadFile,
} from '../../harness/compute/catalog-rows.ts';
import { copyTree } from '../../harness/compute/copy-tree.ts';
import { startServer } from '../../harness/compute/server.ts';
import { computeMajors } from '../../harness/host/compute-images.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { openComputeImage, ownInitdb } from '../support/compute-image.ts';
import { testedMajors } from '../support/tested-majors.ts';

/** What the catalogs' columns are called in a major; null where there is none. */
function sqlOf(major: number): Readonly<Record<'collations' | 'databases', string>> {
  const locale = (prefix: 'coll' | 'dat'): string =>
    major >= 17 ? `${prefix}locale` : major >= 15 ? `${prefix}iculocale` : 'NULL::text';
  return {
    collations: `SELECT collname::text AS name, collprovider::text AS provider, collisdeterministic AS "isDeterministic",
        collencoding AS encoding, collcollate::text AS collate, collctype::text AS ctype, ${locale('coll')} AS locale,
        ${major >= 16 ? 'collicurules' : 'NULL::text'} AS rules, collversion AS version
      FROM pg_collation ORDER BY (collname::text || '/' || collencoding) COLLATE "C"`,
    databases: `SELECT oid::int8::float8 AS oid, datname::text AS name, encoding,
        ${major >= 15 ? 'datlocprovider::text' : "'c'"} AS provider, datcollate::text AS collate, datctype::text AS ctype,
        ${locale('dat')} AS locale, ${major >= 16 ? 'daticurules' : 'NULL::text'} AS rules,
        ${major >= 15 ? 'datcollversion' : 'NULL::text'} AS version
      FROM pg_database ORDER BY datname COLLATE "C"`,
  };
}

test.group('rows of catalogs, read from the pages', () => {
  for (const major of testedMajors(computeMajors())) {
    test(`are what the server says, ${String(major)}`, async ({ assert }) => {
      await using scratch = await temporaryDirectory('a data directory');
      await using host = await openComputeImage(major);
      const [source, dataDirectory] = [join(scratch.path, 'source'), join(scratch.path, 'data')];
      await ownInitdb(host, major, source);
      await copyTree(source, dataDirectory);
      const socketDirectory = join(scratch.path, 's');
      await mkdir(socketDirectory);
      await using server = await startServer({ host, major, dataDirectory, socketDirectory });
      const client = await server.connect('template1');
      const read: ReadFile = (path) => readFileSync(join(source, path));
      const { collations, databases } = sqlOf(major);
      assert.deepEqual(readCollationRows(read, major), (await client.query(collations)).rows);
      assert.deepEqual(readDatabaseRows(read, major), (await client.query(databases)).rows);
      const { rows } = await client.query<{ readonly file: number; readonly name: string }>(
        `SELECT pg_relation_filenode(c.oid)::int8::float8 AS file, n.nspname || '.' || c.relname AS name
         FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE pg_relation_filenode(c.oid) IS NOT NULL`,
      );
      const stored = readStoredRelations(read);
      assert.isAbove(rows.length, 200);
      assert.deepEqual(
        rows.map(({ file }) => stored.get(file)?.name),
        rows.map(({ name }) => name),
      );
      await client.end();
    });
  }
});
