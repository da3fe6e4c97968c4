import { join } from 'node:path';

import { test } from '@japa/runner';

import { inspectBundle } from '../../harness/bundle/inventory/inspect-bundle.ts';
import { openBundle } from '../../harness/bundle/open.ts';
import { buildReferenceBundle } from '../../harness/bundle/reference/build.ts';
import { candidateImage } from '../../harness/bundle/reference/candidate-image.ts';
import { ensureReferenceBundle } from '../../harness/bundle/reference/ensure.ts';
import { computeImage } from '../../harness/host/compute-images.ts';
import { silent } from '../../harness/host/progress.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { rejectionOf } from '../support/error-code.ts';
import { openHost, runBundleInitdb, runWalredo } from './support/reference.ts';
import { ping } from './support/walredo-message.ts';

const succeeded = { kind: 'exited', exitCode: 0 };

test.group('candidate bundles', () => {
  test('a bundle with the libc of one root and the libicu of another runs, and names them', async ({
    assert,
  }) => {
    const { image, insteadOf } = await candidateImage(
      17,
      undefined,
      { libc: 'debian:12', icu: 'debian:13' },
      silent,
    );
    assert.equal(image.name, 'pg=npm:17.10,libc=debian:12,icu=debian:13');
    assert.equal(insteadOf?.name, 'debian:13');
    assert.match(insteadOf?.why ?? '', /postgres needs GLIBC_2\.38/);
    const { path } = await ensureReferenceBundle(silent, [17], [image]);

    const [major] = (await inspectBundle(path)).majors;
    assert.equal(major?.composition?.words, image.name);
    assert.equal(major?.icu?.version, '76.1');
    assert.equal(`${major?.icu?.package?.name ?? ''} ${major?.icu?.package?.suite ?? ''}`, 'libicu76 trixie');
    assert.deepEqual(major?.collationVersions, { libc: '2.36', icuRoot: '153.128' });
    const forwarder = major?.libraries.find(({ soname }) => soname === 'libicuuc.so.60');
    assert.deepEqual(forwarder?.package, {
      name: 'redoubt',
      version: 'generated',
      distro: undefined,
      suite: undefined,
    });
    assert.deepEqual(major?.missingLibraries, []);

    const bundle = await openBundle(path, silent);
    await using host = await openHost('debian:11');
    // Its self-test on known pages comes before the first answer.
    const walredo = await runWalredo(bundle, 17, host, ping);
    assert.deepEqual([walredo.ending, walredo.stdout.length, walredo.stderr], [succeeded, 8192, '']);
    await using place = await temporaryDirectory('initdb of a candidate');
    const initdb = await runBundleInitdb(bundle, 17, host, place.path, [
      '--icu-locale=und',
      '--locale-provider=icu',
    ]);
    assert.deepEqual(initdb.ending, succeeded, initdb.stderr);
  });

  test('the same parts give the same bytes', async ({ assert }) => {
    const { image } = await candidateImage(17, undefined, { libc: 'debian:12', icu: 'debian:13' }, silent);
    await using place = await temporaryDirectory('a candidate again');
    const out = join(place.path, 'again.tar.zst');
    const again = await buildReferenceBundle({ majors: [17], images: [image], out, progress: silent });
    assert.equal(again.digest, (await ensureReferenceBundle(silent, [17], [image])).digest);
  });

  test("Debian's server is taken where it runs, and one that was asked for is never replaced", async ({
    assert,
  }) => {
    const taken = await candidateImage(17, undefined, { libc: undefined, icu: 'debian:12' }, silent);
    assert.equal(taken.image.name, 'pg=debian:13,icu=debian:12');
    assert.isNull(taken.insteadOf);
    const parts = { libc: 'debian:12', icu: undefined };
    const error = await rejectionOf(candidateImage(17, computeImage('debian:13'), parts, silent));
    assert.equal(error.code, 'cannot-compose');
  });
});
