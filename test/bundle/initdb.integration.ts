import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { referenceMajors } from '../../harness/bundle/reference/build.ts';
import type { Bundle } from '../../harness/bundle/open.ts';
import type { Host } from '../../harness/host/engine.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { openComputeImage, ownInitdb } from '../support/compute-image.ts';
import { openHost, openReference, runBundleInitdb } from './support/reference.ts';

const succeeded = { kind: 'exited', exitCode: 0 };

/** Of the options that initdb already got, the last one counts; 14 has no other provider. */
function libcProvider(major: number): readonly string[] {
  return major >= 15 ? ['--locale-provider=libc'] : [];
}

/** Runs one statement in single-user mode on a data directory; the server must be the cluster's own. */
async function runStatement(host: Host, major: number, directory: string, sql: string): Promise<void> {
  const running = await host.start({
    argv: [`/usr/lib/postgresql/${major}/bin/postgres`, '--single', '-D', '/data', 'template1'],
    env: { LC_ALL: 'C' },
    systemMounts: true,
    mounts: [{ source: directory, target: '/data', readOnly: false }],
    stdin: { kind: 'pipe' },
    stderr: { kind: 'file', path: join(directory, 'log') },
    stdout: { kind: 'file', path: join(directory, 'out') },
  });
  running.stdin?.end(`${sql}\n`);
  const { ending } = await running.result;
  if (ending.kind !== 'exited' || ending.exitCode !== 0) {
    throw new Error(`single-user mode failed: ${await readFile(join(directory, 'log'), 'utf8')}`);
  }
}

async function collations(host: Host, major: number, directory: string): Promise<string> {
  await runStatement(
    host,
    major,
    directory,
    "COPY (SELECT * FROM pg_collation ORDER BY oid) TO '/data/collations'",
  );
  return readFile(join(directory, 'collations'), 'utf8');
}

for (const major of referenceMajors) {
  test.group(`initdb of the reference bundle, ${major}`, (group) => {
    let bundle: Bundle;
    let host: Host;
    group.setup(async () => {
      bundle = await openReference();
      host = await openHost('debian:11');
    });
    group.teardown(async () => {
      await host[Symbol.asyncDispose]();
    });

    test('makes a data directory with a pageserver’s options', async ({ assert }) => {
      await using scratch = await temporaryDirectory('an initdb test');
      const { ending, stdout, stderr } = await runBundleInitdb(bundle, major, host, scratch.path);
      assert.equal(stderr, '');
      assert.deepEqual(ending, succeeded);
      assert.match(stdout.toString(), /performing post-bootstrap initialization \.\.\. ok/);
      assert.equal(await readFile(join(scratch.path, 'inout/data/PG_VERSION'), 'utf8'), `${major}\n`);
    });

    test('knows the collations that the compute image’s own initdb knows, versions included', async ({
      assert,
    }) => {
      await using scratch = await temporaryDirectory('two data directories');
      await using image = await openComputeImage(major);
      const { ending } = await runBundleInitdb(bundle, major, host, scratch.path);
      assert.deepEqual(ending, succeeded);
      const own = join(scratch.path, 'own');
      await ownInitdb(image, major, own);
      const expected = await collations(image, major, own);
      assert.isAbove(expected.split('\n').length, 1000, 'every locale and every ICU collation');
      assert.equal(await collations(image, major, join(scratch.path, 'inout/data')), expected);
    });

    test('sorts by a locale of its own, on a host whose C library is another', async ({ assert }) => {
      await using scratch = await temporaryDirectory('an initdb test');
      const { ending, stdout } = await runBundleInitdb(bundle, major, host, scratch.path, [
        ...libcProvider(major),
        '--locale=sv_SE.UTF-8',
      ]);
      assert.deepEqual(ending, succeeded);
      assert.match(stdout.toString(), /sv_SE\.UTF-8/);
      assert.match(stdout.toString(), /configuration will be set to "swedish"/);
    });

    test('fails with its own words when a locale does not exist', async ({ assert }) => {
      await using scratch = await temporaryDirectory('an initdb test');
      const { ending, stderr } = await runBundleInitdb(bundle, major, host, scratch.path, [
        '--locale=xx_XX.UTF-8',
      ]);
      assert.deepEqual(ending, { kind: 'exited', exitCode: 1 });
      assert.match(stderr, /invalid locale name "xx_XX.UTF-8"/);
    });
  });
}
