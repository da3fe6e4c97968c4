import { join } from 'node:path';

import { test } from '@japa/runner';

import type { Bundle } from '../../harness/bundle/open.ts';
import { referenceMajors } from '../../harness/bundle/reference/build.ts';
import type { Host } from '../../harness/host/engine.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { breakBundle, type Fault } from '../support/broken-bundle.ts';
import { openHost, openReference, runWalredo } from './support/reference.ts';
import { ping } from './support/walredo-message.ts';

const pageBytes = 8192;

test.group('the self-test of walredo', (group) => {
  let reference: Bundle;
  let host: Host;
  group.setup(async () => {
    reference = await openReference();
    host = await openHost('debian:12');
  });
  group.teardown(async () => {
    await host[Symbol.asyncDispose]();
  });

  const broken = async <T>(fault: Fault, use: (bundle: Bundle) => Promise<T>): Promise<T> => {
    await using scratch = await temporaryDirectory('a broken bundle');
    const directory = await breakBundle(reference, fault, join(scratch.path, 'bundle'), referenceMajors);
    return await use({ ...reference, directory });
  };

  test('ends the process before its first answer when a known page comes out wrong', async ({ assert }) => {
    await broken({ kind: 'known-page-altered' }, async (bundle) => {
      for (const major of referenceMajors) {
        const { ending, stdout, stderr, left } = await runWalredo(bundle, major, host, ping);
        assert.deepEqual(ending, { kind: 'exited', exitCode: 1 });
        assert.lengthOf(stdout, 0);
        assert.match(stderr, /^FATAL: {2}walredo: the self-test failed: a known page came out wrong$/m);
        assert.match(stderr, new RegExp(`this server, PostgreSQL ${major}, are not those of the headers`));
        assert.isEmpty(left);
      }
    });
  });

  test('leaves no answer to a module whose headers are not the server’s', async ({ assert }) => {
    await broken({ kind: 'foreign-headers', from: 15, to: 17 }, async (bundle) => {
      const foreign = await runWalredo(bundle, 17, host, ping);
      assert.notDeepEqual(foreign.ending, { kind: 'exited', exitCode: 0 });
      assert.lengthOf(foreign.stdout, 0);
      const own = await runWalredo(bundle, 15, host, ping);
      assert.lengthOf(own.stdout, pageBytes);
    });
  });
});
