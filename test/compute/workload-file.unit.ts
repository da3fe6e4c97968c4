import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { loadWorkloadFile, workMarker } from '../../harness/compute/workload-file.ts';
import type { Workload } from '../../harness/compute/workload.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { rejectionOf } from '../support/error-code.ts';

test.group('loadWorkloadFile', (group) => {
  let directory: TemporaryDirectory;
  group.setup(async () => {
    directory = await temporaryDirectory('a test');
    return async () => {
      await directory[Symbol.asyncDispose]();
    };
  });

  async function load(text: string): Promise<Workload> {
    const path = join(directory.path, 'mine.sql');
    await writeFile(path, text);
    return loadWorkloadFile(path);
  }

  test('splits a file at its marker, and keeps the numbers of its lines', async ({ assert }) => {
    const workload = await load(`SELECT 1;\nSELECT 2;\n\n${workMarker}\nSELECT 3;\n-- note\nSELECT 4;\n`);
    assert.deepEqual(workload.setup, [
      {
        name: 'mine.sql',
        sinceMajor: 0,
        statements: [
          { text: 'SELECT 1', line: 1 },
          { text: 'SELECT 2', line: 2 },
        ],
      },
    ]);
    assert.deepEqual(workload.work[0]?.statements, [
      { text: 'SELECT 3', line: 5 },
      { text: 'SELECT 4', line: 7 },
    ]);
    assert.equal(workload.name, 'mine.sql');
    assert.equal(workload.directory, directory.path);
  });

  test('captures all of a file without a marker', async ({ assert }) => {
    const workload = await load('SELECT 1;\n');
    assert.isEmpty(workload.setup);
    assert.lengthOf(workload.work, 1);
  });

  test('takes the marker with other blanks and line ends, but not inside a line', async ({ assert }) => {
    const workload = await load('SELECT 1;\r\n  --redoubt:work\r\nSELECT 2;\r\n');
    assert.lengthOf(workload.setup, 1);
    assert.lengthOf((await load(`SELECT 1; ${workMarker}\nSELECT 2;`)).setup, 0);
  });

  test('has another digest for other bytes', async ({ assert }) => {
    assert.notEqual((await load('SELECT 1;')).digest, (await load('SELECT 2;')).digest);
  });

  test('refuses {what}')
    .with([
      { what: 'a file with nothing to capture', text: '-- nothing\n', code: 'workload-empty' },
      { what: 'a setup alone', text: `SELECT 1;\n${workMarker}\n`, code: 'workload-empty' },
      {
        what: 'two markers',
        text: `SELECT 1;\n${workMarker}\nSELECT 2;\n${workMarker}\n`,
        code: 'workload-marker-twice',
      },
      { what: 'a quote without an end', text: "SELECT 'x;\n", code: 'sql-unterminated' },
    ])
    .run(async ({ assert }, { text, code }) => {
      const error = await rejectionOf(load(text));
      assert.equal(error.code, code);
      assert.equal(error.kind, 'usage');
      assert.include(error.message, 'mine.sql');
    });

  test('refuses a file that is not there', async ({ assert }) => {
    const error = await rejectionOf(loadWorkloadFile(join(directory.path, 'none.sql')));
    assert.equal(error.code, 'workload-unreadable');
    assert.include(error.message, 'none.sql');
  });
});
