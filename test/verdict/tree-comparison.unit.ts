import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';
import { test } from '@japa/runner';

import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
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

  async function differences(...leftOut: readonly RegExp[]): Promise<readonly string[]> {
    const rules = leftOut.map((pattern) => ({ pattern }));
    const comparison = await compareTrees(left, right, rules);
    return comparison.differences.map(({ path, what }) => `${path} ${what}`);
  }

  test('finds equal trees equal, and counts what it compared', async ({ assert }) => {
    assert.deepEqual(await compareTrees(left, right, []), { equalFiles: 6, differences: [] });
  });

  test('finds one changed byte, and says where', async ({ assert }) => {
    const bytes = Buffer.alloc(20_000, 7);
    bytes[9000] = 8;
    await writeFile(join(right, 'base/5/1259'), bytes);
    assert.deepEqual(await differences(), ['base/5/1259 differs first at byte 9000 (block 1)']);
  });

  test('finds other sizes, missing and additional entries, in order', async ({ assert }) => {
    await writeFile(join(right, 'PG_VERSION'), '17');
    await rm(join(right, 'base/5/1259'));
    await writeFile(join(right, 'stray'), '');
    await mkdir(join(left, 'pg_twophase'));
    assert.deepEqual(await differences(), [
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
    assert.deepEqual(await differences(), [
      'PG_VERSION is a folder instead of a file',
      'link is a link to another place',
    ]);
  });

  test('never opens a pipe, and calls it a difference even when both have one', async ({ assert }) => {
    for (const root of [left, right]) await execa('mkfifo', [join(root, 'pipe')]);
    assert.deepEqual(await differences(), ['pipe is neither file, folder nor link']);
  });

  test('leaves out what a rule names, and nothing else', async ({ assert }) => {
    await writeFile(join(right, 'pg_wal/000000010000000000000001'), 'x');
    await writeFile(join(right, 'pg_walrus'), 'x');
    assert.deepEqual(await differences(/^pg_wal\//), ['pg_walrus is there, but not expected']);
  });
});
