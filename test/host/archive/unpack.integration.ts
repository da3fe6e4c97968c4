import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync, zstdCompressSync } from 'node:zlib';

import { test } from '@japa/runner';
import { execa } from 'execa';
import { pack } from 'tar-stream';

import { unpack } from '../../../harness/host/archive/unpack.ts';
import { digestFolder } from '../../../harness/bundle/digest.ts';
import { openBundle } from '../../../harness/bundle/open.ts';
import { silent } from '../../../harness/host/progress.ts';
import { temporaryDirectory } from '../../../harness/host/run-directory.ts';
import { rejection } from '../support/rejection.ts';

type EntryHeader = Parameters<ReturnType<typeof pack>['entry']>[0];

interface Entry extends EntryHeader {
  readonly content?: string;
}

const launcher: Entry = { name: 'LAUNCHER', mode: 0o755, content: '#!' };

async function tarOf(...entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content, ...header } of entries) archive.entry(header, content ?? '');
  archive.finalize();
  return buffer(archive);
}

const limits = { entries: 50, totalBytes: 10_000, depth: 8 };

const hostile: readonly {
  readonly what: string;
  readonly code: string;
  readonly entries: readonly Entry[];
}[] = [
  {
    what: 'a name above the root',
    code: 'archive-parent-reference',
    entries: [{ name: '../outside', content: 'x' }],
  },
  {
    what: 'an absolute name',
    code: 'archive-absolute-name',
    entries: [{ name: '/tmp/redoubt-outside', content: 'x' }],
  },
  {
    what: 'a file through a link out',
    code: 'archive-parent-not-a-folder',
    entries: [
      { name: 'd', type: 'symlink', linkname: '..' },
      { name: 'd/outside', content: 'x' },
    ],
  },
  {
    what: 'a hard link to a file outside',
    code: 'archive-hard-link-out',
    entries: [{ name: 'h', type: 'link', linkname: '../secret' }],
  },
  {
    what: 'a file over a link',
    code: 'archive-duplicate-name',
    entries: [
      { name: 'l', type: 'symlink', linkname: '../secret' },
      { name: 'l', content: 'overwritten' },
    ],
  },
  {
    what: 'a link out',
    code: 'archive-link-out',
    entries: [{ name: 'l', type: 'symlink', linkname: '../secret' }],
  },
  {
    what: 'a device',
    code: 'archive-special-file',
    entries: [{ name: 'd', type: 'character-device', devmajor: 1, devminor: 3 }],
  },
  { what: 'a fifo', code: 'archive-special-file', entries: [{ name: 'f', type: 'fifo' }] },
  {
    what: 'a setuid file',
    code: 'archive-set-user-id',
    entries: [{ name: 's', mode: 0o4755, content: 'x' }],
  },
  {
    what: 'a bomb of bytes',
    code: 'archive-too-large',
    entries: [{ name: 'b', content: 'x'.repeat(10_001) }],
  },
  {
    what: 'a bomb of entries',
    code: 'archive-too-many-entries',
    entries: Array.from({ length: 51 }, (_, index) => ({ name: `f${index}`, content: '' })),
  },
];

test.group('unpack', () => {
  test('refuses {what} and leaves everything outside as it was')
    .with([...hostile])
    .run(async ({ assert }, { code, entries }) => {
      await using scratch = await temporaryDirectory('a hostile archive');
      const inside = join(scratch.path, 'inside');
      await mkdir(inside);
      await writeFile(join(scratch.path, 'secret'), 'untouched');
      const path = join(scratch.path, 'archive.tar');
      await writeFile(path, await tarOf(launcher, ...entries));
      const error = await rejection(unpack(path, inside, limits));
      assert.equal(error.code, code);
      assert.equal(error.kind, 'usage');
      assert.deepEqual((await readdir(scratch.path)).toSorted(), ['archive.tar', 'inside', 'secret']);
      assert.equal(await readFile(join(scratch.path, 'secret'), 'utf8'), 'untouched');
      assert.equal((await stat(join(scratch.path, 'secret'))).nlink, 1);
    });

  test('refuses an archive that is nothing but filler', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a hostile archive');
    const path = join(scratch.path, 'archive.tar.gz');
    await writeFile(path, gzipSync(Buffer.concat([await tarOf(launcher), Buffer.alloc(2 ** 20)])));
    const inside = join(scratch.path, 'inside');
    await mkdir(inside);
    assert.equal((await rejection(unpack(path, inside, limits))).code, 'archive-too-large');
  });

  test('gives files, run bits, links and hard links as they were packed', async ({ assert }) => {
    await using scratch = await temporaryDirectory('an archive');
    const path = join(scratch.path, 'archive.tar');
    await writeFile(
      path,
      await tarOf(
        launcher,
        { name: 'a/b/', type: 'directory', mode: 0o500 },
        { name: 'a/b/file', mode: 0o640, content: 'content' },
        { name: 'a/again', type: 'link', linkname: 'a/b/file' },
        { name: 'a/link', type: 'symlink', linkname: 'b/file' },
        { name: 'a/absolute', type: 'symlink', linkname: '/a/b' },
      ),
    );
    const inside = join(scratch.path, 'inside');
    await mkdir(inside);
    assert.deepEqual(await unpack(path, inside), ['a/absolute']);
    const [first, again, program] = await Promise.all(
      ['a/b/file', 'a/again', 'LAUNCHER'].map((name) => stat(join(inside, name))),
    );
    assert.equal(first?.ino, again?.ino);
    assert.equal((first?.mode ?? 0) & 0o777, 0o640);
    assert.equal((program?.mode ?? 0) & 0o777, 0o755);
    assert.equal(await readFile(join(inside, 'a/link'), 'utf8'), 'content');
  });
});

test.group('openBundle', (group) => {
  let cache: Awaited<ReturnType<typeof temporaryDirectory>>;
  group.each.setup(async () => {
    const before = process.env['REDOUBT_CACHE'];
    cache = await temporaryDirectory('a cache');
    process.env['REDOUBT_CACHE'] = cache.path;
    return async () => {
      if (before === undefined) delete process.env['REDOUBT_CACHE'];
      else process.env['REDOUBT_CACHE'] = before;
      await cache[Symbol.asyncDispose]();
    };
  });

  const compressions: readonly {
    readonly name: string;
    readonly compress: (bytes: Buffer) => Promise<Buffer>;
  }[] = [
    { name: 'tar', compress: async (bytes) => bytes },
    { name: 'gzip', compress: async (bytes) => gzipSync(bytes) },
    { name: 'zstd', compress: async (bytes) => zstdCompressSync(bytes) },
    {
      name: 'xz',
      compress: async (bytes) =>
        Buffer.from((await execa('xz', ['--stdout'], { input: bytes, encoding: 'buffer' })).stdout),
    },
  ];

  test('opens a tarball by its bytes, whatever it is called: {name}')
    .with([...compressions])
    .run(async ({ assert }, { compress }) => {
      const bytes = await compress(await tarOf(launcher, { name: 'storage/x', content: 'y' }));
      const path = join(cache.path, 'bundle.bin');
      await writeFile(path, bytes);
      const bundle = await openBundle(path, silent);
      assert.equal(bundle.layout, 'chroot');
      assert.equal(bundle.digest, createHash('sha256').update(bytes).digest('hex'));
      assert.equal(await readFile(join(bundle.directory, 'storage/x'), 'utf8'), 'y');
      assert.deepEqual(await openBundle(path, silent), bundle);
    });

  test('refuses every cut of a compressed tarball, and leaves nothing: {name}')
    .with([...compressions])
    .run(async ({ assert }, { compress }) => {
      const bytes = await compress(await tarOf(launcher, { name: 'storage/x', content: 'y'.repeat(5000) }));
      // A plain tar's last block of zeros may be missing: some writers leave it out.
      const cuts = [0, 1, 100, Math.floor(bytes.length / 2), bytes.length - 600].filter(
        (cut) => cut >= 0 && cut < bytes.length,
      );
      for (const cut of cuts) {
        const path = join(cache.path, `cut-${cut}`);
        await writeFile(path, bytes.subarray(0, cut));
        const error = await rejection(openBundle(path, silent));
        assert.equal(error.kind, 'usage', `cut at ${cut}: ${error.message}`);
        assert.equal(error.code, 'not-a-tarball', `cut at ${cut}: ${error.message}`);
      }
      const left = await readdir(join(cache.path, 'bundles')).catch(() => []);
      assert.isEmpty(left);
    });

  test('says what is wrong with a path', async ({ assert }) => {
    const missing = await rejection(openBundle(join(cache.path, 'nothing'), silent));
    assert.equal(missing.code, 'no-such-bundle');
    const text = join(cache.path, 'text');
    await writeFile(text, 'not a tarball at all\n'.repeat(100));
    const noTarball = await rejection(openBundle(text, silent));
    assert.equal(noTarball.code, 'not-a-tarball');
    const device = await rejection(openBundle('/dev/null', silent));
    assert.equal(device.code, 'no-such-bundle');
    assert.deepEqual([missing.kind, noTarball.kind, device.kind], ['usage', 'usage', 'usage']);
  });

  test('refuses an unknown layout, and keeps nothing of it', async ({ assert }) => {
    const path = join(cache.path, 'wrapped.tar');
    await writeFile(path, await tarOf({ name: 'pg_install/v15/bin/postgres', content: 'x' }));
    const error = await rejection(openBundle(path, silent));
    assert.equal(error.code, 'unknown-layout');
    assert.match(error.message, /it holds "pg_install"/);
    assert.match(error.remedy ?? '', /folder inside/);
    assert.isEmpty(await readdir(join(cache.path, 'bundles')));
  });

  test('allows absolute links only where the bundle is chrooted into', async ({ assert }) => {
    const link: Entry = { name: 'lib', type: 'symlink', linkname: '/storage' };
    const storage: Entry = { name: 'storage/x', content: '' };
    const chrooted = join(cache.path, 'chroot.tar');
    await writeFile(chrooted, await tarOf(launcher, link, storage));
    assert.equal((await openBundle(chrooted, silent)).layout, 'chroot');
    for (const [name, ...programs] of [
      ['pg-install', 'v15/bin/postgres'],
      ['static', 'v15/postgres', 'v15/initdb'],
    ] as const) {
      const path = join(cache.path, `${name}.tar`);
      const files = programs.map((program) => ({ name: program, mode: 0o755, content: 'x' }));
      await writeFile(path, await tarOf(...files, storage));
      assert.equal((await openBundle(path, silent)).layout, name);
      await writeFile(path, await tarOf(...files, link, storage));
      const error = await rejection(openBundle(path, silent));
      assert.equal(error.code, 'archive-link-out');
      assert.include(error.message, `${path} is refused: entry "lib" is an absolute link`);
    }
  });

  test('says so when the disk is full, and leaves nothing half-written', async ({ assert }) => {
    const disk = join(cache.path, 'disk');
    await mkdir(disk);
    const path = join(cache.path, 'large.tar.zst');
    await writeFile(
      path,
      zstdCompressSync(await tarOf(launcher, { name: 'big', content: 'x'.repeat(8 * 2 ** 20) })),
    );
    await execa('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'redoubt-test', disk]);
    try {
      process.env['REDOUBT_CACHE'] = disk;
      const error = await rejection(openBundle(path, silent));
      assert.equal(error.kind, 'infrastructure');
      assert.equal(error.code, 'disk-full');
      assert.isEmpty(await readdir(join(disk, 'bundles')));
    } finally {
      await execa('umount', [disk]);
    }
  });

  test('takes a folder where it is, with a digest of what counts', async ({ assert }) => {
    const folder = join(cache.path, 'folder');
    await mkdir(join(folder, 'v16/bin'), { recursive: true });
    await writeFile(join(folder, 'v16/bin/postgres'), 'x', { mode: 0o755 });
    const bundle = await openBundle(folder, silent);
    assert.equal(bundle.layout, 'pg-install');
    assert.equal(bundle.directory, folder);
    assert.equal(bundle.digest, await digestFolder(folder));
    await writeFile(join(folder, 'v16/bin/postgres'), 'y');
    assert.notEqual(bundle.digest, await digestFolder(folder));
  });
});
