import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';

import { test } from '@japa/runner';

import { writeTarball } from '../../harness/bundle/reference/tarball.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';

const source = { kind: 'bytes', bytes: Buffer.alloc(300_000, 'redoubt') } as const;

test.group('writeTarball', () => {
  for (const name of ['bundle.tar.zst', 'bundle.tar.gz']) {
    test(`${name}: the same entries give the same bytes, however soon the compressor hears of the end`, async ({
      assert,
    }) => {
      await using scratch = await temporaryDirectory('tarballs');
      const digests = new Set<string>();
      for (let turn = 0; turn < 20; turn++) {
        const entries = [{ kind: 'file', path: 'a/file', source, executable: false }] as const;
        digests.add(await writeTarball(entries, join(scratch.path, name)));
      }
      assert.lengthOf([...digests], 1);
    });
  }

  test('a tarball is one frame of zstd: no empty one follows', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a tarball');
    const path = join(scratch.path, 'bundle.tar.zst');
    await writeTarball([{ kind: 'file', path: 'file', source, executable: false }], path);
    const written = await readFile(path);
    const magic = zstdCompressSync('').subarray(0, 4);
    assert.equal(written.indexOf(magic), 0);
    assert.equal(written.lastIndexOf(magic), 0);
  });
});
