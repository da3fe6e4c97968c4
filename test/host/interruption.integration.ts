import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { processesWith, until, untilThereIs } from './support/processes.ts';
import { linesOf, startFixture } from './support/run-fixture.ts';
import { debianRoot } from './support/shared-host.ts';

test.group('interrupt', () => {
  test('ends processes and tools, and removes what is half-made and temporary; nothing new is begun', async ({
    assert,
  }) => {
    await using cache = await temporaryDirectory('a cache');
    const marker = randomUUID();
    const { path } = await debianRoot();
    const run = startFixture('interruptible.ts', { OTHER_CACHE: cache.path }, undefined, [marker, path]);
    const exit = once(run, 'exit') as Promise<[number | null]>;
    const lines = linesOf(run);
    const roots = join(cache.path, 'roots');
    await until(async () => {
      const [partial] = await readdir(roots).catch((): string[] => []);
      return partial !== undefined && existsSync(join(roots, partial, 'root/usr'));
    });
    await untilThereIs(marker);
    await untilThereIs(cache.path);

    run.kill('SIGINT');
    assert.deepEqual((await exit)[0], 3);
    assert.deepEqual(await processesWith(marker), []);
    // What held its locks ends with it, a moment later.
    await until(async () => (await processesWith(cache.path)).length === 0);
    assert.deepEqual(await readdir(roots), []);
    const [started, refused] = await lines;
    assert.isFalse(existsSync(String(started?.['directory'])));
    assert.equal(refused?.['code'], 'interrupted');
  });

  test('ends a process that is only being started', async ({ assert }) => {
    const marker = randomUUID();
    const { path } = await debianRoot();
    const [ended] = await linesOf(startFixture('interrupted-start.ts', {}, undefined, [marker, path]));
    assert.deepEqual(ended, { code: 'interrupted' });
    await until(async () => (await processesWith(marker)).length === 0);
  });
});
