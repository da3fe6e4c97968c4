import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';
import { test } from '@japa/runner';

import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { DataTree } from '../../harness/verdict/data-tree.ts';
import { compareTrees } from '../../harness/verdict/tree-comparison.ts';

test.group('compareTrees', (group) => {
  let scratch: TemporaryDirectory;
  let left: string;
  let right: string;
  group.each.setup(async () => {
    scratch = await temporaryDirectory('two trees');
    [left, right] = [join(scratch.path, 'left'), join(scratch.path, 'right')];
    for (const root of [left, right]) {
      await mkdir(join(root, 'base/5'), { recursive: true });
      await mkdir(join(root, 'pg_wal'));
      await writeFile(join(root, 'base/5/1259'), Buffer.alloc(20_000, 7));
      await writeFile(join(root, 'PG_VERSION'), '17\n');
      await symlink('base', join(root, 'link'));
    }
    return async () => {
      await scratch[Symbol.asyncDispose]();
    };
  });

  function differences(): readonly string[] {
    const comparison = compareTrees(new DataTree(left), new DataTree(right));
    return comparison.differences.map(({ path, what }) => `${path} ${what}`);
  }

  test('finds equal trees equal, and counts what it compared', ({ assert }) => {
    assert.deepEqual(compareTrees(new DataTree(left), new DataTree(right)), {
      equalEntries: 6,
      differences: [],
      leftOut: [],
    });
  });

  test('finds one changed byte', async ({ assert }) => {
    const bytes = Buffer.alloc(20_000, 7);
    bytes[9000] = 8;
    await writeFile(join(right, 'base/5/1259'), bytes);
    assert.deepEqual(differences(), ['base/5/1259 has other contents']);
  });

  test('finds other sizes, missing and additional entries, in order', async ({ assert }) => {
    await writeFile(join(right, 'PG_VERSION'), '17');
    await rm(join(right, 'base/5/1259'));
    await writeFile(join(right, 'stray'), '');
    await mkdir(join(left, 'pg_twophase'));
    assert.deepEqual(differences(), [
      'PG_VERSION has 2 bytes instead of 3',
      'base/5/1259 is missing',
      'pg_twophase is missing',
      'stray is there, but not expected',
    ]);
  });

  test('finds entries of another kind and links to another place', async ({ assert }) => {
    await rm(join(right, 'PG_VERSION'));
    await mkdir(join(right, 'PG_VERSION'));
    await rm(join(right, 'link'));
    await symlink('/etc', join(right, 'link'));
    assert.deepEqual(differences(), [
      'PG_VERSION is a folder instead of a file',
      'link is a link to another place',
    ]);
  });

  test('never opens a pipe, and calls it a difference even when both have one', async ({ assert }) => {
    for (const root of [left, right]) await execa('mkfifo', [join(root, 'pipe')]);
    assert.deepEqual(differences(), ['pipe is neither file, folder nor link']);
  });

  test('leaves out the contents that it is told to, but not that a file is missing', async ({ assert }) => {
    await writeFile(join(right, 'PG_VERSION'), '18');
    await rm(join(right, 'base/5/1259'));
    const { differences: found, leftOut } = compareTrees(new DataTree(left), new DataTree(right), () => true);
    assert.deepEqual(leftOut, ['PG_VERSION']);
    assert.deepEqual(
      found.map(({ path, what }) => `${path} ${what}`),
      ['base/5/1259 is missing'],
    );
  });

  test('finds other modes', async ({ assert }) => {
    await chmod(join(left, 'PG_VERSION'), 0o600);
    await chmod(join(right, 'PG_VERSION'), 0o640);
    assert.deepEqual(differences(), ['PG_VERSION has mode 0640 instead of 0600']);
  });
});
