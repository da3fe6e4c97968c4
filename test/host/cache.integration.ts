import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { RedoubtError } from '../../harness/error.ts';
import { cacheDirectory, lockPath, publish } from '../../harness/host/cache.ts';
import { findLeftovers, removeCache, removeLeftovers } from '../../harness/host/leftovers.ts';
import { acquireLock, isLocked } from '../../harness/host/lock.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../harness/host/run-directory.ts';
import { until } from './support/processes.ts';
import { rejection } from './support/rejection.ts';
import { startFixture } from './support/run-fixture.ts';

/** Sets environment variables for one test; undefined removes one. Returns what puts them back. */
function setEnvironment(values: Readonly<Record<string, string | undefined>>): () => void {
  const before = Object.keys(values).map((name) => [name, process.env[name]] as const);
  Object.entries(values).forEach(putVariable);
  return () => before.forEach(putVariable);
}

function putVariable([name, value]: readonly [string, string | undefined]): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

test.group('cacheDirectory', (group) => {
  let restore: () => void;
  group.each.teardown(() => restore());

  test('is where the environment says')
    .with([
      { environment: { REDOUBT_CACHE: '/a/b', XDG_CACHE_HOME: '/c' }, directory: '/a/b' },
      { environment: { REDOUBT_CACHE: undefined, XDG_CACHE_HOME: '/c' }, directory: '/c/redoubt' },
      {
        environment: { REDOUBT_CACHE: '', XDG_CACHE_HOME: '' },
        directory: join(homedir(), '.cache/redoubt'),
      },
    ])
    .run(({ assert }, { environment, directory }) => {
      restore = setEnvironment(environment);
      assert.equal(cacheDirectory(), directory);
    });

  test('is an absolute path', ({ assert }) => {
    restore = setEnvironment({ REDOUBT_CACHE: 'cache' });
    assert.throws(() => cacheDirectory(), /not an absolute path/);
  });
});

test.group('publish', (group) => {
  let cache: TemporaryDirectory;
  group.each.setup(async () => {
    cache = await temporaryDirectory('a cache');
    const restore = setEnvironment({ REDOUBT_CACHE: cache.path });
    return async () => {
      restore();
      await cache[Symbol.asyncDispose]();
    };
  });

  test('makes an entry once, however many want it', async ({ assert }) => {
    let made = 0;
    let waited = 0;
    const paths = await Promise.all(
      Array.from({ length: 8 }, () =>
        publish(
          'things/a',
          async (directory) => {
            made += 1;
            await until(() => Promise.resolve(waited > 0));
            await writeFile(join(directory, 'file'), String(made));
          },
          () => (waited += 1),
        ),
      ),
    );
    assert.deepEqual([...new Set(paths)], [join(cache.path, 'things/a')]);
    assert.equal(made, 1);
    assert.deepEqual(await readdir(join(cache.path, 'things/a')), ['file']);
    assert.deepEqual(await readdir(join(cache.path, 'things')), ['a']);
  });

  test('leaves nothing when making fails, and can be tried again', async ({ assert }) => {
    const reason = new RedoubtError('infrastructure', 'no-luck', 'no luck');
    const failing = publish('things/a', async (directory) => {
      await writeFile(join(directory, 'half'), 'half');
      throw reason;
    });
    assert.equal(await rejection(failing), reason);
    assert.deepEqual(await readdir(join(cache.path, 'things')), []);
    const path = await publish('things/a', (directory) => writeFile(join(directory, 'whole'), 'whole'));
    assert.deepEqual(await readdir(path), ['whole']);
  });

  test('explains a full disk', async ({ assert }) => {
    const error = await rejection(publish('things/a', () => writeFile('/dev/full', 'x')));
    assert.equal(error.kind, 'infrastructure');
    assert.equal(error.code, 'disk-full');
    assert.include(error.message, cache.path);
    assert.deepEqual(await readdir(join(cache.path, 'things')), []);
  });

  test('a run that was killed is found, never while it lives, and does not hinder the next', async ({
    assert,
  }) => {
    const run = startFixture('publish-and-hang.ts', { REDOUBT_CACHE: cache.path });
    const [chunk] = (await once(run.stdout, 'data')) as [Buffer];
    const { directory } = JSON.parse(chunk.toString()) as { readonly directory: string };
    const partial = join(cache.path, 'things/a.partial');
    const mine = async (): Promise<readonly string[]> =>
      (await findLeftovers())
        .map(({ path }) => path)
        .filter((path) => path === partial || path === directory);
    // Another run on this machine may remove the dead run's folder first, never what is in this cache.
    const gone = (found: readonly string[]): readonly string[] =>
      existsSync(directory) ? found : [...new Set([directory, ...found])];
    assert.deepEqual(await readdir(partial), ['half']);
    assert.deepEqual(await mine(), []);
    assert.isTrue(existsSync(directory));
    assert.equal(await removeCache(), 0);
    assert.deepEqual(await readdir(partial), ['half']);

    run.kill('SIGKILL');
    await once(run, 'exit');
    await using lock = await acquireLock(lockPath('things/a'), () => {});
    assert.deepEqual(gone(await mine()), [directory], 'the entry is locked again, by this test');
    await lock[Symbol.asyncDispose]();
    assert.deepEqual(gone(await mine()).toSorted(), [directory, partial].toSorted());
    const path = await publish('things/a', (whole) => writeFile(join(whole, 'whole'), 'whole'));
    assert.deepEqual(await readdir(path), ['whole']);
    assert.deepEqual(gone(await mine()), [directory]);
  });

  test('removeLeftovers removes what was found, and only that', async ({ assert }) => {
    const run = startFixture('publish-and-hang.ts', { REDOUBT_CACHE: cache.path });
    const [chunk] = (await once(run.stdout, 'data')) as [Buffer];
    const { directory } = JSON.parse(chunk.toString()) as { readonly directory: string };
    await mkdir(join(cache.path, 'things/kept'));
    run.kill('SIGKILL');
    await once(run, 'exit');
    // The kernel drops the dead run's lock a moment after it.
    await acquireLock(lockPath('things/a'), () => {}).then((lock) => lock[Symbol.asyncDispose]());
    const leftovers = (await findLeftovers()).filter(
      ({ path }) => path === directory || path.startsWith(cache.path),
    );
    await removeLeftovers(leftovers);
    await removeLeftovers(leftovers);
    assert.deepEqual(await readdir(join(cache.path, 'things')), ['kept']);
    await rejectsWithCode(assert, readdir(directory), 'ENOENT');
  });

  test('a mount where roots are made is found and undone, with nothing lost', async ({ assert }) => {
    const place = join(cache.path, 'roots/a/root');
    const kept = join(cache.path, 'kept/precious');
    await mkdir(place, { recursive: true });
    await mkdir(kept, { recursive: true });
    await once(spawn('mount', ['--bind', join(kept, '..'), place], { stdio: 'inherit' }), 'exit');
    const stray = (await findLeftovers()).filter(({ path }) => path.startsWith(cache.path));
    assert.deepEqual(stray, [{ kind: 'mount', path: place }]);
    await removeLeftovers(stray);
    // Another run that found it too comes late.
    await removeLeftovers(stray);
    assert.deepEqual(await readdir(place), []);
    assert.deepEqual(await readdir(join(kept, '..')), ['precious']);
  });

  test('removeCache empties it', async ({ assert }) => {
    const path = await publish('things/a', (directory) =>
      writeFile(join(directory, 'file'), 'x'.repeat(100_000)),
    );
    assert.equal(await readFile(join(path, 'file'), 'utf8').then(({ length }) => length), 100_000);
    assert.isAtLeast(await removeCache(), 100_000);
    assert.deepEqual(await readdir(join(cache.path, 'things')), []);
  });
});

test.group('acquireLock', (group) => {
  let directory: TemporaryDirectory;
  group.each.setup(async () => {
    directory = await temporaryDirectory('locks');
    return async () => {
      await directory[Symbol.asyncDispose]();
    };
  });

  test('holds until it is disposed, and only then lets the next in', async ({ assert }) => {
    const path = join(directory.path, 'deep/a.lock');
    assert.isFalse(await isLocked(path));
    const order: string[] = [];
    const first = await acquireLock(path, () => order.push('first waits'));
    assert.isTrue(await isLocked(path));
    const second = acquireLock(path, () => {
      order.push('second waits');
      void first[Symbol.asyncDispose]();
    });
    const held = await second;
    assert.deepEqual(order, ['second waits']);
    await held[Symbol.asyncDispose]();
    assert.isFalse(await isLocked(path));
  });

  test('says what is wrong with a place where no lock can be', async ({ assert }) => {
    await writeFile(join(directory.path, 'file'), '');
    const error = await rejection(acquireLock(join(directory.path, 'file/a.lock'), () => {}));
    assert.equal(error.kind, 'infrastructure');
    assert.include(error.message, join(directory.path, 'file'));
  });
});

async function rejectsWithCode(
  assert: { equal(actual: unknown, expected: unknown): void },
  promise: Promise<unknown>,
  code: string,
): Promise<void> {
  const outcome = await promise.then(
    () => 'fulfilled',
    (error: unknown) => (error as NodeJS.ErrnoException).code,
  );
  assert.equal(outcome, code);
}
