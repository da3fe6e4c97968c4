import { once } from 'node:events';

import { test } from '@japa/runner';

import { bundleMajors, requireMajor } from '../../harness/bundle/majors.ts';
import { referenceMajors } from '../../harness/bundle/reference/build.ts';
import type { Bundle } from '../../harness/bundle/open.ts';
import type { CompletedProcess, Host } from '../../harness/host/engine.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { rejection } from '../host/support/rejection.ts';
import { makeInout, openHost, openReference } from './support/reference.ts';

test.group('LAUNCHER of the reference bundle', (group) => {
  let bundle: Bundle;
  let host: Host;
  group.setup(async () => {
    bundle = await openReference();
    host = await openHost('debian:13');
  });
  group.teardown(async () => {
    await host[Symbol.asyncDispose]();
  });

  const run = (...args: readonly string[]): Promise<CompletedProcess> =>
    host.run({ argv: ['/LAUNCHER', ...args], chroot: bundle.directory });

  test('answers for each major that it holds', async ({ assert }) => {
    const majors = await bundleMajors(bundle, host);
    assert.deepEqual([...majors.keys()], referenceMajors);
    for (const [major, words] of majors) assert.isTrue(words.startsWith(`postgres (PostgreSQL) ${major}.`));
    assert.match(await requireMajor(bundle, 17, host), /17\./);
    const error = await rejection(requireMajor(bundle, 19, host));
    assert.equal(error.code, 'major-missing');
    assert.equal(error.kind, 'usage');
    assert.match(error.message, /has no v19; it has v14, v15, v16, v17, v18/);
  });

  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /usage: LAUNCHER VERSION PG_BINARY/],
    [['v15'], /usage: LAUNCHER VERSION PG_BINARY/],
    [['v13', 'postgres'], /has no version "v13"/],
    [['15', 'postgres'], /not of the form vNN/],
    [['v', 'postgres'], /not of the form vNN/],
    [['v15/../v17', 'postgres'], /not of the form vNN/],
    [['v15', 'pg_ctl'], /has no program "pg_ctl"/],
    [['v15', '../bin/postgres'], /has no program/],
    [['v15', '.'], /has no program/],
    [['v15', ''], /has no program/],
  ];
  test('refuses {$self} with exit 2 and words')
    .with(refused.map(([args, words]) => ({ args, words, toString: () => JSON.stringify(args) })))
    .run(async ({ assert }, { args, words }) => {
      const { ending, stdout, stderr } = await run(...args);
      assert.deepEqual(ending, { kind: 'exited', exitCode: 2 });
      assert.lengthOf(stdout, 0);
      assert.match(stderr, words);
    });

  test('passes flags and exit codes through', async ({ assert }) => {
    const version = await run('v17', 'postgres', '--version');
    assert.deepEqual(version.ending, { kind: 'exited', exitCode: 0 });
    const unknown = await run('v17', 'initdb', '--no-such-option');
    assert.deepEqual(unknown.ending, { kind: 'exited', exitCode: 1 });
    assert.match(unknown.stderr, /no-such-option/);
  });

  test('becomes the program: a signal reaches it, and its ending is the program’s', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a launcher test');
    const running = await host.start({
      argv: ['/LAUNCHER', 'v17', 'postgres', '--wal-redo'],
      chroot: bundle.directory,
      mounts: [{ source: await makeInout(scratch.path), target: '/inout', readOnly: false }],
      stdin: { kind: 'pipe' },
    });
    running.stdin?.write(Buffer.from('4800000004', 'hex'));
    await once(running.stdout as NodeJS.EventEmitter, 'data');
    running.signal('SIGTERM');
    const { ending } = await running.result;
    assert.deepEqual(ending, { kind: 'signaled', signal: 'SIGTERM', coreDumped: false });
  });
});
