import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { recogniseLayout } from '../../harness/bundle/layout.ts';
import type { Bundle } from '../../harness/bundle/open.ts';
import type { Ending, Host } from '../../harness/host/engine.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { fullPageImage, heapInsert } from '../bundle/support/hand-made-record.ts';
import { openHost, openReference, runBundleInitdb, runWalredo } from '../bundle/support/reference.ts';
import { request } from '../bundle/support/walredo-message.ts';
import { breakBundle, type Fault, type FaultyRequest } from './broken-bundle.ts';

const pageBytes = 8192;
const succeeded: Ending = { kind: 'exited', exitCode: 0 };
const failed: Ending = { kind: 'exited', exitCode: 1 };
const major = 17;

function key(blockNumber: number): Parameters<typeof request>[0] {
  return { spcOid: 1663, dbOid: 5, relNumber: 16384, forkNumber: 0, blockNumber };
}

function image(mark: number): Buffer {
  const page = Buffer.alloc(pageBytes, mark);
  page.writeUInt16LE(pageBytes, 14);
  return page;
}

/** Three pages; the second gets a record after its image, so that leaving out the last one shows. */
const requests = Buffer.concat([
  request(key(0), [{ endLsn: 0x1000n, bytes: fullPageImage(key(0), image(1), major) }]),
  request(key(1), [
    { endLsn: 0x1000n, bytes: heapInsert(key(1), 1, 1, true) },
    { endLsn: 0x2000n, bytes: heapInsert(key(1), 2, 2) },
  ]),
  request(key(2), [{ endLsn: 0x3000n, bytes: fullPageImage(key(2), image(3), major) }]),
]);

const second: FaultyRequest = { kind: 'request', number: 2 };
const secondByPage: FaultyRequest = { kind: 'page', key: key(1) };

interface Case {
  readonly fault: Fault;
  readonly ending: Ending;
  /** Bytes of output; pages before it and behind the second are sound. */
  readonly outputBytes: number;
  readonly stderr: RegExp;
  readonly toString: () => string;
}

function faultCase(fault: Fault, ending: Ending, outputBytes: number, stderr: RegExp): Case {
  return { fault, ending, outputBytes, stderr, toString: () => JSON.stringify(fault) };
}

const whole = 3 * pageBytes;
const cases: readonly Case[] = [
  faultCase({ kind: 'flip-byte', at: second, offsetBytes: 5000 }, succeeded, whole, /^$/),
  faultCase({ kind: 'skip-record', at: secondByPage }, succeeded, whole, /^$/),
  faultCase({ kind: 'previous-page', at: second }, succeeded, whole, /^$/),
  faultCase({ kind: 'torn-page', at: second }, succeeded, whole, /^$/),
  faultCase({ kind: 'swap-items', at: secondByPage }, succeeded, whole, /^$/),
  faultCase({ kind: 'wrong-lsn', at: secondByPage }, succeeded, whole, /^$/),
  faultCase(
    { kind: 'crash', at: secondByPage },
    { kind: 'signaled', signal: 'SIGSEGV', coreDumped: false },
    pageBytes,
    /^$/,
  ),
  faultCase(
    { kind: 'exit', at: second, message: 'FATAL:  no more' },
    failed,
    pageBytes,
    /^FATAL: {2}no more$/m,
  ),
  faultCase({ kind: 'hang', at: second }, { kind: 'limited', limit: 'wall-time' }, pageBytes, /^$/),
  faultCase({ kind: 'cut-short', at: second }, succeeded, 1.5 * pageBytes, /^$/),
  faultCase({ kind: 'extra-bytes' }, succeeded, whole + 11, /^$/),
  faultCase({ kind: 'chatter', at: second, message: 'WARNING:  hm' }, succeeded, whole, /^WARNING: {2}hm$/m),
  // Without write(2) the handler cannot say it either, and its own trap ends the process.
  faultCase(
    { kind: 'seccomp-omits', systemCall: 1 },
    { kind: 'signaled', signal: 'SIGSYS', coreDumped: false },
    0,
    /^$/,
  ),
  faultCase({ kind: 'seccomp-omits', systemCall: 0 }, failed, 0, /^seccomp: bad syscall 0$/m),
];

test.group('broken bundles', (group) => {
  let reference: Bundle;
  let host: Host;
  let sound: Buffer;
  group.setup(async () => {
    reference = await openReference();
    host = await openHost('debian:12');
    sound = (await runWalredo(reference, major, host, requests)).stdout;
  });
  group.teardown(async () => {
    await host[Symbol.asyncDispose]();
  });

  test('the reference bundle itself answers all', ({ assert }) => {
    assert.lengthOf(sound, whole);
  });

  test('{$self}: is wrong in that way alone')
    .with([...cases])
    .run(async ({ assert }, { fault, ending, outputBytes, stderr }) => {
      await using scratch = await temporaryDirectory('a broken bundle');
      const directory = await breakBundle(reference, fault, join(scratch.path, 'bundle'));
      const bundle = { ...reference, directory };
      const outcome = await runWalredo(
        bundle,
        major,
        host,
        requests,
        [],
        fault.kind === 'hang' ? 6000 : undefined,
      );
      assert.deepEqual(outcome.ending, ending);
      assert.match(outcome.stderr, stderr);
      assert.lengthOf(outcome.stdout, outputBytes);
      const page = (bytes: Buffer, index: number): Buffer =>
        bytes.subarray(index * pageBytes, (index + 1) * pageBytes);
      if (outputBytes >= pageBytes) assert.isTrue(page(outcome.stdout, 0).equals(page(sound, 0)));
      if (outputBytes < whole) return;
      assert.isTrue(page(outcome.stdout, 2).equals(page(sound, 2)));
      const changed = page(outcome.stdout, 1);
      const isUnchanged = changed.equals(page(sound, 1));
      assert.equal(isUnchanged, ['chatter', 'extra-bytes'].includes(fault.kind));
      if (fault.kind === 'previous-page') assert.isTrue(changed.equals(page(sound, 0)));
      const half = pageBytes / 2;
      if (fault.kind === 'torn-page') {
        assert.isTrue(changed.subarray(0, half).equals(page(sound, 1).subarray(0, half)));
        assert.isTrue(changed.subarray(half).equals(page(sound, 0).subarray(half)));
      }
      if (fault.kind === 'swap-items') {
        const items = [24, 28].map((at) => page(sound, 1).readUInt32LE(at));
        assert.deepEqual(
          [28, 24].map((at) => changed.readUInt32LE(at)),
          items,
        );
      }
      if (fault.kind === 'wrong-lsn') assert.equal(changed.readUInt32LE(4), 0x2008);
      if (fault.kind === 'skip-record') assert.equal(changed.readUInt32LE(4), 0x1000);
      if (fault.kind === 'flip-byte')
        assert.equal(changed.readUInt8(5000) ^ page(sound, 1).readUInt8(5000), 1);
    });

  test('initdb fails with its own words', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a broken bundle');
    const fault: Fault = { kind: 'initdb-fails', message: 'initdb: error: no' };
    const directory = await breakBundle(reference, fault, join(scratch.path, 'bundle'));
    const outcome = await runBundleInitdb({ ...reference, directory }, major, host, scratch.path);
    assert.deepEqual(outcome.ending, failed);
    assert.equal(outcome.stderr, 'initdb: error: no\n');
  });

  test('initdb writes elsewhere', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a broken bundle');
    const fault: Fault = { kind: 'initdb-elsewhere', path: '/inout/stray' };
    const directory = await breakBundle(reference, fault, join(scratch.path, 'bundle'));
    const outcome = await runBundleInitdb({ ...reference, directory }, major, host, scratch.path);
    assert.deepEqual(outcome.ending, succeeded);
    assert.deepEqual((await readdir(join(scratch.path, 'inout'))).toSorted(), ['data', 'stray']);
  });

  test('a leaky bundle answers differently on another host, a sealed one does not', async ({ assert }) => {
    await using scratch = await temporaryDirectory('leaky bundles');
    await using older = await openHost('debian:11');
    await using newer = await openHost('debian:13');
    assert.isTrue((await runWalredo(reference, major, older, requests)).stdout.equals(sound));
    for (const from of ['collation', 'libc-version'] as const) {
      const directory = await breakBundle(reference, { kind: 'leak', from }, join(scratch.path, from));
      assert.equal(await recogniseLayout(directory, directory), 'pg-install');
      const bundle: Bundle = { ...reference, layout: 'pg-install', directory };
      const [first, last] = await Promise.all([
        runWalredo(bundle, major, older, requests),
        runWalredo(bundle, major, newer, requests),
      ]);
      assert.deepEqual([first?.ending, last?.ending], [succeeded, succeeded]);
      assert.equal(`${first?.stderr}${last?.stderr}`, '');
      assert.isFalse(first?.stdout.equals(last?.stdout ?? Buffer.alloc(0)));
    }
  });
});
