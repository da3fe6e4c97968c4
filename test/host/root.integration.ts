import { once } from 'node:events';
import { mkdir, chown, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { type TemporaryDirectory, temporaryDirectory } from '../../harness/host/run-directory.ts';
import { readManifest } from '../../harness/host/root.ts';
import { processesWith, until, untilThereIs } from './support/processes.ts';
import { rejection } from './support/rejection.ts';
import { type FixtureLine, linesOf, startFixture } from './support/run-fixture.ts';
import { debianRoot } from './support/shared-host.ts';

test.group('a root', () => {
  test('is a Debian with exact versions, a manifest, and nothing of the machine', async ({ assert }) => {
    const root = await debianRoot();
    assert.equal(root.suite, 'bookworm');
    assert.match(root.packages['libc6'] ?? '', /^2\.36-/);
    assert.property(root.packages, 'locales-all');
    assert.match(await readFile(join(root.path, 'etc/os-release'), 'utf8'), /VERSION_ID="12"/);
    assert.equal(await readFile(join(root.path, 'etc/hostname'), 'utf8'), 'redoubt\n');
    assert.deepEqual((await readdir(join(root.path, '..'))).toSorted(), ['manifest.json', 'root']);
    assert.equal((await stat(root.path)).mode & 0o777, 0o755);
  });

  test('without a manifest is damaged, and that is said', async ({ assert }) => {
    await using directory = await temporaryDirectory('a damaged root');
    assert.equal((await rejection(readManifest(directory.path))).code, 'root-damaged');
    await writeFile(join(directory.path, 'manifest.json'), '{"schemaVersion":0}');
    assert.equal((await rejection(readManifest(directory.path))).code, 'root-damaged');
    await writeFile(join(directory.path, 'manifest.json'), '{"schema');
    assert.equal((await rejection(readManifest(directory.path))).code, 'root-damaged');
  });
});

test.group('making a root', (group) => {
  let cache: TemporaryDirectory;
  group.each.setup(async () => {
    cache = await temporaryDirectory('a cache');
    return async () => {
      await cache[Symbol.asyncDispose]();
    };
  });

  test('killed in the middle, then wanted by two at once: made anew, once', async ({ assert }) => {
    const killed = startFixture('make-root.ts', { REDOUBT_CACHE: cache.path });
    const partial = async (): Promise<readonly string[]> =>
      (await names(join(cache.path, 'roots'))).filter((name) => name.endsWith('.partial'));
    await until(async () => {
      const [name] = await partial();
      return name !== undefined && (await names(join(cache.path, 'roots', name, 'root'))).includes('usr');
    });
    await untilThereIs(cache.path);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    await until(async () => (await processesWith(cache.path)).length === 0);
    assert.lengthOf(await partial(), 1);

    const runs = await Promise.all(
      [1, 2].map(() => linesOf(startFixture('make-root.ts', { REDOUBT_CACHE: cache.path }))),
    );
    const paths = runs.map((lines) => lines.at(-1)?.['path']);
    assert.isString(paths[0]);
    assert.equal(paths[0], paths[1]);
    const told = runs.flat().map(({ detail }) => String(detail));
    assert.lengthOf(
      told.filter((detail) => detail.startsWith('making it')),
      1,
    );
    assert.lengthOf(
      told.filter((detail) => detail.startsWith('waiting')),
      1,
    );
    assert.deepEqual(await partial(), []);
    const [name = ''] = await readdir(join(cache.path, 'roots'));
    assert.deepEqual((await readdir(join(cache.path, 'roots', name))).toSorted(), ['manifest.json', 'root']);
  });

  test('on a full disk is one clear error, with nothing left', async ({ assert }) => {
    // The small disk is mounted in a namespace of the run's own.
    // What is left there would be printed, and is no JSON.
    const script = 'mount -t tmpfs -o size=40m redoubt "$0" && "$@"; code=$?; ls -A "$0/roots"; exit $code';
    const run = startFixture('make-root.ts', { REDOUBT_CACHE: cache.path }, [
      'unshare',
      '--mount',
      'sh',
      '-c',
      script,
      cache.path,
    ]);
    const error = (await linesOf(run)).at(-1);
    assert.equal(error?.['kind'], 'infrastructure');
    assert.equal(error?.['code'], 'disk-full');
    assert.include(String(error?.['message']), cache.path);
    await until(async () => (await processesWith(cache.path)).length === 0);
  });

  test('by another user than root is refused, with what to do', async ({ assert }) => {
    await chown(cache.path, 65534, 65534);
    const run = startFixture('make-root.ts', { REDOUBT_CACHE: cache.path }, [
      'setpriv',
      '--reuid=65534',
      '--clear-groups',
      // The checkout may lie in a folder that is root's alone.
      '--inh-caps=+dac_read_search',
      '--ambient-caps=+dac_read_search',
    ]);
    const error = (await linesOf(run)).at(-1);
    assert.equal(error?.['kind'], 'infrastructure');
    assert.equal(error?.['code'], 'not-root');
    assert.include(String(error?.['remedy']), 'as root');
    assert.deepEqual(await readdir(join(cache.path, 'roots')), []);
  });

  test('when apt names no Debian archive', async ({ assert }) => {
    const error = await failure('Dir::Etc::SourceList "/dev/null";\nDir::Etc::SourceParts "/dev/null";\n');
    assert.equal(error?.['kind'], 'infrastructure');
    assert.equal(error?.['code'], 'mirror-missing');
    assert.include(String(error?.['remedy']), '/etc/apt/sources.list');
  });

  test('when apt could not fetch anything about its mirror', async ({ assert }) => {
    const sources = join(cache.path, 'sources.list');
    await writeFile(sources, 'deb http://127.0.0.1:9/debian bookworm main\n');
    const error = await failure(`Dir::Etc::SourceList "${sources}";\nDir::Etc::SourceParts "/dev/null";\n`);
    assert.equal(error?.['kind'], 'infrastructure');
    assert.equal(error?.['code'], 'mirror-unreachable');
    assert.include(String(error?.['message']), 'Failed to fetch');
  });

  test('when the mirror does not answer: the log is named and kept, and nothing else', async ({ assert }) => {
    const nowhere = { http_proxy: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9' };
    const run = startFixture('make-root.ts', { REDOUBT_CACHE: cache.path, ...nowhere });
    const error = (await linesOf(run)).at(-1);
    assert.equal(error?.['kind'], 'infrastructure');
    assert.equal(error?.['code'], 'root-failed');
    assert.include(String(error?.['message']), 'tiny');
    const { log = '' } = (error?.['details'] ?? {}) as { readonly log?: string };
    assert.include(String(error?.['remedy']), log);
    assert.match(await readFile(log, 'utf8'), /127\.0\.0\.1/);
    assert.deepEqual(await readdir(join(cache.path, 'roots')), []);
  });

  /** The error of a run under another apt configuration, with package lists of its own. */
  async function failure(configuration: string): Promise<FixtureLine | undefined> {
    const path = join(cache.path, 'apt.conf');
    await mkdir(join(cache.path, 'lists/partial'), { recursive: true });
    await writeFile(path, `${configuration}Dir::State::Lists "${cache.path}/lists";\n`);
    return (await linesOf(startFixture('make-root.ts', { REDOUBT_CACHE: cache.path, APT_CONFIG: path }))).at(
      -1,
    );
  }
});

/** The names in a folder, none when it is not there. */
async function names(directory: string): Promise<readonly string[]> {
  return readdir(directory).catch((): string[] => []);
}
