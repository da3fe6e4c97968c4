import { join } from 'node:path';

import { test } from '@japa/runner';

import { openBundle } from '../../../harness/bundle/open.ts';
import { requireMajor } from '../../../harness/bundle/majors.ts';
import { buildPgInstall } from '../../../harness/bundle/pg-install/build.ts';
import { computeImage } from '../../../harness/host/compute-images.ts';
import { silent } from '../../../harness/host/progress.ts';
import { temporaryDirectory } from '../../../harness/host/run-directory.ts';
import { rejection } from '../../host/support/rejection.ts';
import { openHost, runBundleInitdb, runWalredo } from '../support/reference.ts';
import { ping } from '../support/walredo-message.ts';

test.group('a pg-install bundle', () => {
  test('is the same bytes each time, and its programs and walredo run in a host of another libc', async ({
    assert,
  }) => {
    await using scratch = await temporaryDirectory('a pg-install bundle');
    const builds = [];
    for (const name of ['one.tar', 'two.tar'])
      builds.push(
        await buildPgInstall({ majors: [17], out: join(scratch.path, `${name}.zst`), progress: silent }),
      );
    assert.equal(builds[0]?.digest, builds[1]?.digest);

    const bundle = await openBundle(join(scratch.path, 'one.tar.zst'), silent);
    assert.equal(bundle.layout, 'pg-install');
    await using host = await openHost('debian:11');
    assert.equal(await requireMajor(bundle, 17, host), 'postgres (PostgreSQL) 17.10');
    assert.lengthOf((await runWalredo(bundle, 17, host, ping)).stdout, 8192);
    const initdb = await runBundleInitdb(bundle, 17, host, scratch.path);
    assert.deepEqual(initdb.ending, { kind: 'exited', exitCode: 0 }, initdb.stderr);
  });

  test("cannot be made of Debian's own server, and says why", async ({ assert }) => {
    const error = await rejection(
      buildPgInstall({
        majors: [17],
        images: [computeImage('debian:13')],
        out: '/nowhere/x',
        progress: silent,
      }),
    );
    assert.equal(error.code, 'no-pg-install');
    assert.match(error.message, /the server of debian:13 finds its share files at one place only/);
  });
});
