import { lstat, mkdir, readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { test } from '@japa/runner';

import { openGivenRoot } from '../../harness/host/archive-root.ts';
import { silent } from '../../harness/host/progress.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { ociImage, savedImage, type TarEntry, tarOf } from './support/image-builder.ts';
import { rejection } from './support/rejection.ts';

type Directory = Awaited<ReturnType<typeof temporaryDirectory>>;

async function listing(root: string, folder = ''): Promise<readonly string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? [`${path}/`, ...(await listing(root, path))] : [path];
    }),
  );
  return found.flat().toSorted();
}

test.group('openGivenRoot', (group) => {
  let place: Directory;
  group.each.setup(async () => {
    const before = process.env['REDOUBT_CACHE'];
    place = await temporaryDirectory('a cache');
    process.env['REDOUBT_CACHE'] = join(place.path, 'cache');
    return async () => {
      if (before === undefined) delete process.env['REDOUBT_CACHE'];
      else process.env['REDOUBT_CACHE'] = before;
      await place[Symbol.asyncDispose]();
    };
  });

  async function archive(...entries: readonly TarEntry[]): Promise<string> {
    const path = join(place.path, 'archive');
    await writeFile(path, await tarOf(...entries));
    return path;
  }

  test('a tarball of a root, without its devices and without bits that lend rights', async ({ assert }) => {
    const path = join(place.path, 'root.tar.gz');
    await writeFile(
      path,
      gzipSync(
        await tarOf(
          { name: './', type: 'directory' },
          { name: './dev/null', type: 'character-device', devmajor: 1, devminor: 3 },
          { name: './run/pipe', type: 'fifo' },
          { name: './usr/bin/su', mode: 0o4755, content: 'su' },
          { name: './bin', type: 'symlink', linkname: 'usr/bin' },
          { name: './etc/mtab', type: 'symlink', linkname: '/proc/mounts' },
          { name: './up', type: 'symlink', linkname: '../../../etc/passwd' },
          { name: './usr/lib/os-release', content: 'ID=tiny\nPRETTY_NAME="Tiny Linux 1"\n' },
          { name: './etc/os-release', type: 'symlink', linkname: '../usr/lib/os-release' },
        ),
      ),
    );
    const root = await openGivenRoot(path, silent);
    assert.equal(root.system, 'Tiny Linux 1');
    assert.deepEqual(root.libc, { kind: 'none' });
    assert.equal((await stat(join(root.path, 'usr/bin/su'))).mode & 0o7777, 0o755);
    assert.equal(await readlink(join(root.path, 'etc/mtab')), '/proc/mounts');
    assert.deepEqual(await listing(root.path), [
      'bin',
      'etc/',
      'etc/mtab',
      'etc/os-release',
      'up',
      'usr/',
      'usr/bin/',
      'usr/bin/su',
      'usr/lib/',
      'usr/lib/os-release',
    ]);
    assert.deepEqual(await openGivenRoot(path, silent), root);
  });

  test('an empty tarball, and a folder', async ({ assert }) => {
    const empty = await openGivenRoot(await archive(), silent);
    assert.deepEqual(await readdir(empty.path), []);
    const folder = join(place.path, 'folder');
    await mkdir(folder);
    const own = await openGivenRoot(folder, silent);
    assert.equal(own.path, folder);
    assert.isUndefined(own.digest);
  });

  const lower: readonly TarEntry[] = [
    { name: 'usr/lib/a', content: 'lower' },
    { name: 'usr/lib/gone', content: 'lower' },
    { name: 'lib', type: 'symlink', linkname: '/usr/lib' },
    { name: 'opaque/inner/old', content: 'lower' },
    { name: 'opaque/old', content: 'lower' },
    { name: 'was-folder/x', content: 'lower' },
    { name: 'was-file', content: 'lower' },
    { name: 'was-link', type: 'symlink', linkname: '/etc' },
  ];
  const upper: readonly TarEntry[] = [
    { name: 'opaque/inner/new', content: 'upper' },
    { name: 'opaque/.wh..wh..opq', content: '' },
    { name: 'usr/lib/.wh.gone', content: '' },
    { name: 'usr/lib/.wh.never-there', content: '' },
    { name: '.wh..wh.plnk', type: 'directory' },
    { name: 'usr/lib/a', content: 'upper' },
    { name: 'usr/lib/b', type: 'link', linkname: 'usr/lib/a' },
    { name: 'lib/through-link', content: 'upper' },
    { name: 'was-folder', content: 'upper' },
    { name: 'was-file/x', content: 'upper' },
    { name: 'was-file', type: 'directory' },
    { name: 'was-link', type: 'directory' },
    { name: 'was-link/x', content: 'upper' },
  ];

  const layouts = [
    { name: 'docker save', make: (layers: readonly Buffer[]) => savedImage(layers) },
    ...(['none', 'gzip', 'zstd'] as const).map((compression) => ({
      name: `OCI archive, layers ${compression}`,
      make: (layers: readonly Buffer[]) => ociImage(layers, compression),
    })),
  ];

  test('layers over one another, with whiteouts: {name}')
    .with(layouts)
    .run(async ({ assert }, { make }) => {
      // A folder is named before what is in it, or a file would be written through the file that it replaces.
      const replaced = upper.toSorted(
        (a, b) => Number(b.type === 'directory') - Number(a.type === 'directory'),
      );
      const path = await archive(...make([await tarOf(...lower), await tarOf(...replaced)]));
      const root = await openGivenRoot(path, silent);
      assert.deepEqual(await listing(root.path), [
        'lib',
        'opaque/',
        'opaque/inner/',
        'opaque/inner/new',
        'usr/',
        'usr/lib/',
        'usr/lib/a',
        'usr/lib/b',
        'usr/lib/through-link',
        'was-file/',
        'was-file/x',
        'was-folder',
        'was-link/',
        'was-link/x',
      ]);
      assert.equal(await readFile(join(root.path, 'usr/lib/a'), 'utf8'), 'upper');
      assert.isTrue((await lstat(join(root.path, 'was-link'))).isDirectory());
      assert.deepEqual(await readdir(dirname(root.path)), ['facts.json', 'root']);
    });

  test('an OCI layout in a folder', async ({ assert }) => {
    const folder = join(place.path, 'layout');
    for (const { name, content } of ociImage([await tarOf({ name: 'x', content: 'x' })])) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content ?? '');
    }
    assert.deepEqual(await listing((await openGivenRoot(folder, silent)).path), ['x']);
  });

  test('no layer writes outside, whatever links lie below it', async ({ assert }) => {
    const outside = join(place.path, 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'victim'), 'untouched');
    const layers = [
      await tarOf(
        { name: 'absolute', type: 'symlink', linkname: outside },
        { name: 'relative', type: 'symlink', linkname: `../../../../../../../../..${outside}` },
        { name: 'file', type: 'symlink', linkname: join(outside, 'victim') },
      ),
      await tarOf(
        { name: 'absolute/new', content: 'x' },
        { name: 'relative/.wh.victim', content: '' },
        { name: 'absolute/.wh..wh..opq', content: '' },
        { name: 'file', content: 'overwritten' },
      ),
    ];
    const root = await openGivenRoot(await archive(...ociImage(layers)), silent);
    assert.deepEqual(await readdir(outside), ['victim']);
    assert.equal(await readFile(join(outside, 'victim'), 'utf8'), 'untouched');
    assert.equal(await readFile(join(root.path, 'file'), 'utf8'), 'overwritten');
    assert.equal(await readFile(join(root.path, outside, 'new'), 'utf8'), 'x');
  });

  const broken: readonly {
    readonly what: string;
    readonly code: string;
    readonly words: RegExp;
    readonly entries: (layer: Buffer, other: Buffer) => readonly TarEntry[];
  }[] = [
    {
      what: 'a layer that is not the one named (OCI)',
      code: 'image-damaged',
      words: /the digest of sha256:/,
      entries: (layer, other) => ociImage([layer], 'none', { swap: { 'layer 0': other } }),
    },
    {
      what: 'a layer that is not the one named (docker save)',
      code: 'image-damaged',
      words: /layer 1 has the digest/,
      entries: (layer, other) => savedImage([layer], { swap: { 'layer 0': other } }),
    },
    {
      what: 'a layer whose plain bytes are others than the configuration says',
      code: 'image-damaged',
      words: /layer 1 has the digest/,
      entries: (layer) => ociImage([layer], 'gzip', { diffIds: [`sha256:${'0'.repeat(64)}`] }),
    },
    {
      what: 'a changed configuration',
      code: 'image-damaged',
      words: /the digest of/,
      entries: (layer) => savedImage([layer], { swap: { config: Buffer.from('{}') } }),
    },
    {
      what: 'a manifest that is no JSON',
      code: 'image-damaged',
      words: /is not|no JSON/,
      entries: () => [
        { name: 'oci-layout', content: '{}' },
        { name: 'index.json', content: '{' },
      ],
    },
    {
      what: 'too few digests',
      code: 'image-damaged',
      words: /1 layers and 0 digests/,
      entries: (layer) => ociImage([layer], 'none', { diffIds: [] }),
    },
    {
      what: 'two images',
      code: 'image-ambiguous',
      words: /2 images/,
      entries: (layer) => savedImage([layer], { copies: 2 }),
    },
    {
      what: 'an image of another machine',
      code: 'image-platform',
      words: /linux\/riscv64/,
      entries: (layer) => ociImage([layer], 'none', { architecture: 'riscv64' }),
    },
    {
      what: 'a layer with a name above its root',
      code: 'archive-parent-reference',
      words: /"\.\.\/x"/,
      entries: () => [{ name: '../x', content: 'x' }],
    },
  ];

  test('refuses {what}, and keeps nothing of it')
    .with([...broken])
    .run(async ({ assert }, { code, words, entries }) => {
      const layer = await tarOf({ name: 'x', content: 'x' });
      const other = await tarOf({ name: 'y', content: 'y' });
      const error = await rejection(openGivenRoot(await archive(...entries(layer, other)), silent));
      assert.equal(error.code, code);
      assert.equal(error.kind, 'usage');
      assert.match(error.message, words);
      assert.deepEqual(await readdir(join(place.path, 'cache/images')), []);
    });

  test('says what is wrong with a path', async ({ assert }) => {
    assert.equal((await rejection(openGivenRoot(join(place.path, 'none'), silent))).code, 'no-such-archive');
    assert.equal((await rejection(openGivenRoot('/dev/null', silent))).code, 'no-such-archive');
    const text = join(place.path, 'text');
    await writeFile(text, 'no archive at all\n'.repeat(100));
    assert.equal((await rejection(openGivenRoot(text, silent))).code, 'not-a-tarball');
  });
});
