import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { startServer } from '../../harness/compute/server.ts';
import { openChrootHost } from '../../harness/host/chroot/chroot-host.ts';
import {
  type ComputeImage,
  computeImages,
  computeMajors,
  defaultComputeImage,
} from '../../harness/host/compute-images.ts';
import { silent } from '../../harness/host/progress.ts';
import { ensureRoot } from '../../harness/host/root.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { ownInitdb } from '../support/compute-image.ts';

/** The full tier tries the older minors too, and Debian's own server of the release that is still moving. */
const images =
  process.env['REDOUBT_TEST_TIER'] === 'full' ? computeImages() : computeMajors().map(defaultComputeImage);

test.group('compute images', () => {
  for (const image of images) {
    test(`${image.name} makes a data directory, starts, answers and stops`, async ({ assert }) => {
      const { serverVersion, collation } = await tryOut(image);
      assert.equal(Number.parseInt(serverVersion, 10), image.major);
      if (image.recipe.kind === 'npm-server') assert.equal(image.name, `npm:${serverVersion}`);
      // A locale of the root's: what the packages of the server bring has none.
      assert.equal(collation, 'sv_SE.utf8');
    });
  }

  test('a root with a server of npm says what is in it, and leaves its base as it was', async ({
    assert,
  }) => {
    const { recipe } = defaultComputeImage(16);
    assert.equal(recipe.kind, 'npm-server');
    if (recipe.kind !== 'npm-server') return;
    const [root, base] = [await ensureRoot(recipe, silent), await ensureRoot(recipe.base, silent)];
    assert.deepEqual(root.packages, { ...base.packages, [recipe.server.name]: recipe.server.version });
    assert.equal(root.suite, base.suite);
    const postgres = 'usr/lib/postgresql/16/bin/postgres';
    assert.isAbove((await readFile(join(root.path, postgres))).length, 1e6);
    await assert.rejects(() => readFile(join(base.path, postgres)), /ENOENT/);
  });
});

/** The version that the server says, and the name of a collation that it found in the root. */
async function tryOut({
  major,
  recipe,
}: ComputeImage): Promise<{ readonly serverVersion: string; readonly collation: string }> {
  const root = await ensureRoot(recipe, silent);
  await using host = await openChrootHost(root.name, root.path);
  await using place = await temporaryDirectory('a server');
  const dataDirectory = join(place.path, 'data');
  await ownInitdb(host, major, dataDirectory);
  await mkdir(join(place.path, 's'));
  await using server = await startServer({
    host,
    major,
    dataDirectory,
    socketDirectory: join(place.path, 's'),
  });
  const client = await server.connect();
  const { rows } = await client.query<{ version: string; collation: string }>(
    `SELECT current_setting('server_version') AS version,
            (SELECT collname FROM pg_collation WHERE collname = 'sv_SE.utf8') AS collation`,
  );
  await client.end();
  await server.stop('fast');
  const [row] = rows;
  const serverVersion = row?.version.split(' ')[0] ?? '';
  return { serverVersion, collation: row?.collation ?? '' };
}
