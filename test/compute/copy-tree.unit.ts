import { chmod, mkdir, readFile, stat, symlink, readlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { copyTree } from '../../harness/compute/copy-tree.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { rejectionOf } from '../support/error-code.ts';

test.group('copyTree', () => {
  test('copies contents, modes, times and links', async ({ assert }) => {
    await using directory = await temporaryDirectory('a test');
    const from = join(directory.path, 'from');
    const to = join(directory.path, 'to');
    await mkdir(join(from, 'inner'), { recursive: true, mode: 0o700 });
    await writeFile(join(from, 'inner/file'), 'content');
    await chmod(join(from, 'inner/file'), 0o600);
    await utimes(join(from, 'inner/file'), 1000, 2000);
    await symlink('inner/file', join(from, 'link'));
    await copyTree(from, to);
    assert.equal(await readFile(join(to, 'inner/file'), 'utf8'), 'content');
    const { mode, mtimeMs } = await stat(join(to, 'inner/file'));
    assert.equal(mode & 0o777, 0o600);
    assert.equal(mtimeMs, 2_000_000);
    assert.equal((await stat(to)).mode & 0o777, 0o700);
    assert.equal(await readlink(join(to, 'link')), 'inner/file');
  });

  test('says what it could not copy', async ({ assert }) => {
    await using directory = await temporaryDirectory('a test');
    const missing = join(directory.path, 'missing');
    const error = await rejectionOf(copyTree(missing, join(directory.path, 'to')));
    assert.equal(error.code, 'copy-failed');
    assert.equal(error.kind, 'infrastructure');
    assert.include(error.message, missing);
  });
});
