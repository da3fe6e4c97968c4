import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { type Bundle, openBundle } from '../../harness/bundle/open.ts';
import { buildStatic, staticMajors } from '../../harness/bundle/static-variant/build.ts';
import { discoverStaticNeeds } from '../../harness/contract/static-needs.ts';
import { pageserverInitdbFlags } from '../../harness/gate/initdb/bundle-initdb.ts';
import { rootEnvironment } from '../../harness/collation/environment.ts';
import { staticDrift } from '../../harness/gate/order/static-drift.ts';
import { StaticServer } from '../../harness/gate/order/static-server.ts';
import { openKeptTape } from '../../harness/gate/replay/kept-tape.ts';
import { openChrootHost } from '../../harness/host/chroot/chroot-host.ts';
import { computeImage, computeRecipe } from '../../harness/host/compute-images.ts';
import { silent } from '../../harness/host/progress.ts';
import { ensureRoot } from '../../harness/host/root.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { rejection } from '../host/support/rejection.ts';
import { openHost, runWalredo } from './support/reference.ts';

/* The build takes minutes: in the full tier alone. */
const majors = process.env['REDOUBT_TEST_TIER'] === 'full' ? staticMajors : [];

test('a major that is not built so, and an image, are usage errors', async ({ assert }) => {
  const wanted = { out: '/nowhere/static.tar.zst', progress: silent };
  const other = await rejection(buildStatic({ ...wanted, majors: [15, 17] }));
  assert.deepEqual([other.kind, other.code], ['usage', 'no-static-server']);
  assert.include(other.message, '17');
  const image = await rejection(buildStatic({ ...wanted, majors: [15], images: [computeImage('npm:15')] }));
  assert.deepEqual([image.kind, image.code], ['usage', 'no-static-server']);
});

for (const major of majors) {
  test.group(`a bundle of variant 1, PostgreSQL ${String(major)}`, (group) => {
    let bundle: Bundle;

    group.setup(async () => {
      const scratch = await temporaryDirectory('a static bundle');
      const out = join(scratch.path, 'static.tar.zst');
      await buildStatic({ majors: [major], out, progress: silent });
      bundle = await openBundle(out, silent);
      return async () => {
        await scratch[Symbol.asyncDispose]();
      };
    });

    test('holds two programs of its major, and nothing else', async ({ assert }) => {
      const names = await readdir(bundle.directory, { recursive: true });
      const folder = `v${String(major)}`;
      assert.deepEqual(names.toSorted(), [folder, `${folder}/initdb`, `${folder}/postgres`]);
      assert.equal(bundle.layout, 'static');
    });

    test("it orders by the libc that is linked into it and by its host's locales, and nobody warns", async ({
      assert,
    }) => {
      await using scratch = await temporaryDirectory('the order of a static bundle');
      const compute = await ensureRoot(computeRecipe(major), silent);
      const orders: unknown[] = [];
      for (const hostName of ['debian:12', 'debian:11']) {
        await using host = await openHost(hostName);
        const place = join(scratch.path, hostName.replace(':', '-'));
        const server = await StaticServer.open(bundle, major, host, place, silent);
        const drift = await staticDrift({
          compute: await rootEnvironment('compute', compute.path),
          server,
          name: hostName,
          provider: 'libc',
          locales: ['en_US.UTF-8', 'sv_SE.UTF-8'],
          progress: silent,
        });
        if (drift.kind === 'compared') orders.push(drift.used.map(({ order, warned }) => [order, warned]));
      }
      assert.deepEqual(orders, [
        [
          ['same', false],
          ['same', false],
        ],
        [
          ['same', false],
          ['changed', false],
        ],
      ]);
    });

    test('its walredo answers as recovery did, in an empty root as on a host', async ({ assert }) => {
      await using scratch = await temporaryDirectory('an empty root');
      await using host = await openHost('debian:11');
      await using nothing = await openChrootHost('an empty root', scratch.path);
      const tape = await openKeptTape(major, { flavour: 'vanilla' });
      const [requests, oracle] = [await readFile(tape.requestsPath), await readFile(tape.oraclePath)];
      for (const place of [host, nothing]) {
        const { ending, stdout, stderr, left } = await runWalredo(bundle, major, place, requests);
        assert.deepEqual([ending, stderr], [{ kind: 'exited', exitCode: 0 }, '']);
        assert.isTrue(stdout.equals(oracle), place.name);
        assert.deepEqual(left, []);
      }
    });

    test('its initdb needs a shell, locales, share files, and modules that it cannot load', async ({
      assert,
    }) => {
      await using scratch = await temporaryDirectory('an empty root');
      await using host = await openHost('debian:12');
      const subject = { bundle, major, host, scratch: scratch.path, answerTimeoutMs: 60_000 };
      const { findings } = await discoverStaticNeeds(subject, pageserverInitdbFlags(major), silent);
      const codes = findings.map(({ code }) => code);
      assert.includeMembers(codes, ['static-needs-shell', 'static-needs-locales', 'static-needs-share']);
      assert.equal(codes.at(-1), 'static-needs-modules');
      assert.include(findings.at(-1)?.message, 'dict_snowball');
    });
  });
}
