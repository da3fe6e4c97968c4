import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { readDataDirectoryState, requireUsable } from '../../harness/compute/data-directory-state.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { codeOf, rejectionOf } from '../support/error-code.ts';
import { buildControlFile, type ControlFileFields } from './control-file-builder.ts';

async function dataDirectory(fields: ControlFileFields = {}): Promise<TemporaryDirectory> {
  const directory = await temporaryDirectory('a test');
  await mkdir(join(directory.path, 'global'));
  await writeFile(join(directory.path, 'PG_VERSION'), '15\n');
  await writeFile(join(directory.path, 'global/pg_control'), buildControlFile(fields));
  return directory;
}

async function verdictOn(directory: TemporaryDirectory, major: number): Promise<string> {
  const state = await readDataDirectoryState(directory.path);
  return codeOf(() => {
    requireUsable(directory.path, state, major);
  });
}

test.group('requireUsable', () => {
  test('accepts a clean data directory of the asked major', async ({ assert }) => {
    await using clean = await dataDirectory();
    assert.equal(await verdictOn(clean, 15), 'nothing was thrown');
    await using recovered = await dataDirectory({ state: 2 });
    assert.equal(await verdictOn(recovered, 15), 'nothing was thrown');
  });

  test('refuses another major', async ({ assert }) => {
    await using directory = await dataDirectory();
    assert.equal(await verdictOn(directory, 17), 'data-directory-other-major');
  });

  test('refuses one with a postmaster.pid', async ({ assert }) => {
    await using directory = await dataDirectory();
    await writeFile(join(directory.path, 'postmaster.pid'), '2\n');
    assert.equal(await verdictOn(directory, 15), 'data-directory-in-use');
  });

  test('refuses one in state {$self}, not shut down')
    .with([0, 3, 4, 5, 6])
    .run(async ({ assert }, state) => {
      await using directory = await dataDirectory({ state });
      assert.equal(await verdictOn(directory, 15), 'data-directory-not-clean');
    });

  test('refuses pages of another size', async ({ assert }) => {
    await using directory = await dataDirectory({ blockSizeBytes: 16384 });
    assert.equal(await verdictOn(directory, 15), 'data-directory-block-size');
  });
});

test.group('readDataDirectoryState', () => {
  test('refuses what is no data directory', async ({ assert }) => {
    await using directory = await dataDirectory();
    await writeFile(join(directory.path, 'PG_VERSION'), 'fifteen\n');
    assert.equal((await rejectionOf(readDataDirectoryState(directory.path))).code, 'not-a-data-directory');
    await rm(join(directory.path, 'PG_VERSION'));
    assert.equal((await rejectionOf(readDataDirectoryState(directory.path))).kind, 'usage');
  });

  test('passes on what is wrong with pg_control', async ({ assert }) => {
    await using directory = await dataDirectory();
    await writeFile(join(directory.path, 'global/pg_control'), buildControlFile().subarray(0, 100));
    assert.equal((await rejectionOf(readDataDirectoryState(directory.path))).code, 'control-file-truncated');
  });
});
