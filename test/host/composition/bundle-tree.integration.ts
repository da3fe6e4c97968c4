import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { test } from '@japa/runner';

import { bundleTree } from '../../../harness/host/composition/bundle-tree.ts';
import { temporaryDirectory } from '../../../harness/host/run-directory.ts';
import { rejectionOf } from '../../support/error-code.ts';

async function treeOf(files: readonly string[], major: number): ReturnType<typeof bundleTree> {
  await using place = await temporaryDirectory('a bundle');
  for (const file of files) {
    await mkdir(join(place.path, dirname(file)), { recursive: true });
    await writeFile(join(place.path, file), '');
  }
  return await bundleTree('the bundle', place.path, major);
}

function librariesIn(folder: string): readonly string[] {
  return [`${folder}/libc.so.6`, `${folder}/ld-linux-x86-64.so.2`];
}

test.group('bundleTree', () => {
  const both = ['LAUNCHER', ...librariesIn('storage/v16/lib'), ...librariesIn('storage/v17/lib')];

  test('a bundle has libraries and locales for each of its majors', async ({ assert }) => {
    const files = [...both, 'storage/v16/loc/C.utf8/LC_COLLATE', 'storage/v17/loc/C.utf8/LC_COLLATE'];
    assert.deepEqual(await treeOf(files, 16), {
      major: 16,
      libraries: 'storage/v16/lib',
      locales: 'storage/v16/loc',
    });
  });

  test('or some for all of them', async ({ assert }) => {
    assert.deepEqual(await treeOf(['LAUNCHER', ...librariesIn('storage/lib')], 16), {
      major: undefined,
      libraries: 'storage/lib',
      locales: undefined,
    });
  });

  test('one without the major has none', async ({ assert }) => {
    const error = await rejectionOf(treeOf(both, 15));
    assert.equal(error.code, 'no-libraries');
    assert.match(error.message, /the bundle has no C library of its own for major 15/);
  });

  test('one that leans on its host has a libicu at most', async ({ assert }) => {
    const tree = await treeOf(['v17/bin/postgres', 'v17/lib/libicuuc.so.60'], 17);
    assert.deepEqual(tree, { major: 17, libraries: 'v17/lib', locales: undefined });
  });

  test('a root is none, even with a LAUNCHER', async ({ assert }) => {
    const root = librariesIn('usr/lib/x86_64-linux-gnu');
    assert.isUndefined(await treeOf(root, 17));
    assert.isUndefined(await treeOf(['LAUNCHER', ...root], 17));
  });
});
