import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

import { test } from '@japa/runner';

import { loadWorkload } from '../../harness/compute/workload.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { rejectionOf } from '../support/error-code.ts';

const collationWorkload = join(import.meta.dirname, '../../corpora/workloads/collation');

async function copyOfWorkload(): Promise<TemporaryDirectory> {
  const directory = await temporaryDirectory('a test');
  await cp(collationWorkload, directory.path, { recursive: true });
  return directory;
}

test.group('loadWorkload', () => {
  test('reads the workload of the gate, each file as its manifest says', async ({ assert }) => {
    const workload = await loadWorkload(collationWorkload, 'full');
    assert.equal(workload.name, 'collation');
    assert.deepEqual(workload.parameters, { 'redoubt.rows': '4000' });
    assert.isAbove(workload.setup.length, 2);
    assert.isAbove(workload.work.length, 4);
    for (const script of [...workload.setup, ...workload.work]) assert.isNotEmpty(script.statements);
    const small = await loadWorkload(collationWorkload, 'small');
    assert.notDeepEqual(small.parameters, workload.parameters);
    assert.equal(small.digest, workload.digest);
  });

  test('has no file that the manifest of {$self} does not name')
    .with(['collation', 'every-record'])
    .run(async ({ assert }, name) => {
      const directory = join(collationWorkload, '..', name);
      const manifest = JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8')) as {
        readonly sha256: Readonly<Record<string, string>>;
      };
      const entries = await readdir(directory, { recursive: true, withFileTypes: true });
      const files = entries
        .filter((entry) => entry.isFile())
        .map((entry) => relative(directory, join(entry.parentPath, entry.name)));
      assert.sameMembers(files, ['manifest.json', ...Object.keys(manifest.sha256)]);
    });

  test('says which scripts an older major does not understand, and what settings the statements need', async ({
    assert,
  }) => {
    const workload = await loadWorkload(join(collationWorkload, '../every-record'), 'full');
    const since = new Map(workload.work.map(({ name, sinceMajor }) => [name, sinceMajor]));
    assert.equal(since.get('work/85-database.sql'), 15);
    assert.equal(since.get('work/10-heap.sql'), 14);
    assert.equal(workload.settings.work['wal_level'], 'logical');
    assert.deepEqual((await loadWorkload(collationWorkload, 'full')).settings, { setup: {}, work: {} });
  });

  test('refuses a file that differs from its digest', async ({ assert }) => {
    await using directory = await copyOfWorkload();
    const script = join(directory.path, 'work/20-insert.sql');
    await writeFile(script, `${await readFile(script, 'utf8')}\n`);
    const error = await rejectionOf(loadWorkload(directory.path, 'small'));
    assert.equal(error.code, 'workload-digest');
    assert.equal(error.kind, 'usage');
    assert.include(error.message, 'work/20-insert.sql');
  });

  test('refuses a folder that lacks a file of the manifest', async ({ assert }) => {
    await using directory = await copyOfWorkload();
    await rm(join(directory.path, 'data/words.csv'));
    assert.equal((await rejectionOf(loadWorkload(directory.path, 'small'))).code, 'workload-unreadable');
    await rm(join(directory.path, 'manifest.json'));
    assert.equal((await rejectionOf(loadWorkload(directory.path, 'small'))).code, 'workload-unreadable');
  });

  test('refuses a manifest that {what}')
    .with([
      { what: 'is not JSON', change: () => '{' },
      {
        what: 'is of a later version',
        change: (text: string) => text.replace('"schemaVersion": 1', '"schemaVersion": 2'),
      },
      { what: 'lacks a field', change: (text: string) => text.replace('"origin"', '"source"') },
      {
        what: 'lists a script without digest',
        change: (text: string) => text.replace(/("work": \[)/, '$1 "work/99-unknown.sql",'),
      },
    ])
    .run(async ({ assert }, { change }) => {
      await using directory = await copyOfWorkload();
      const path = join(directory.path, 'manifest.json');
      await writeFile(path, change(await readFile(path, 'utf8')));
      const error = await rejectionOf(loadWorkload(directory.path, 'small'));
      assert.equal(error.code, 'workload-manifest');
      assert.equal(error.kind, 'usage');
    });
});
