import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { icuOfRoot } from '../../harness/host/composition/icu-place.ts';
import { computeImage } from '../../harness/host/compute-images.ts';
import { silent } from '../../harness/host/progress.ts';
import { ensureRoot } from '../../harness/host/root.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { placedServers } from '../../harness/host/server-directories.ts';

async function placedIn(root: string): Promise<readonly (readonly [number, string])[]> {
  return (await placedServers(root)).map(({ major, directory }) => [major, directory] as const);
}

test.group('placedServers', () => {
  test('reads the major of a server out of its program', async ({ assert }) => {
    for (const name of ['npm:17', 'debian:12']) {
      const { recipe, major } = computeImage(name);
      const { path } = await ensureRoot(recipe, silent);
      assert.deepEqual(await placedIn(path), [[major, `/usr/lib/postgresql/${String(major)}/bin`]]);
    }
  });

  test('looks where other distributions put one, and takes no script for a server', async ({ assert }) => {
    const { path } = await ensureRoot(computeImage('npm:17').recipe, silent);
    await using root = await temporaryDirectory('a root with servers');
    for (const directory of ['usr/pgsql-17/bin', 'usr/pgsql-17/lib', 'usr/local/bin'])
      await mkdir(join(root.path, directory), { recursive: true });
    const server = join(path, 'usr/lib/postgresql/17');
    await copyFile(join(server, 'bin/postgres'), join(root.path, 'usr/pgsql-17/bin/postgres'));
    await writeFile(
      join(root.path, 'usr/local/bin/postgres'),
      '#!/bin/sh\necho postgres (PostgreSQL) 16.1\n',
    );
    assert.deepEqual(await placedIn(root.path), [[17, '/usr/pgsql-17/bin']]);
    // The libicu that it is linked against lies beside it, as npm's does.
    for (const name of ['libicui18n.so.60', 'libicudata.so.60'])
      await writeFile(join(root.path, 'usr/pgsql-17/lib', name), '');
    assert.deepEqual(await icuOfRoot(root.path), { directory: '/usr/pgsql-17/lib', major: 60 });
  });

  test('finds none in a root without', async ({ assert }) => {
    await using root = await temporaryDirectory('an empty root');
    assert.deepEqual(await placedServers(root.path), []);
  });
});
