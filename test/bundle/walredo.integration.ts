import { once } from 'node:events';
import { readdir } from 'node:fs/promises';

import { test } from '@japa/runner';

import { launch } from '../../harness/bundle/launch.ts';
import { referenceMajors } from '../../harness/bundle/reference/build.ts';
import type { Bundle } from '../../harness/bundle/open.ts';
import type { Host } from '../../harness/host/engine.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import {
  fullPageImage,
  fullPageImages,
  heapInsert,
  heapVisible,
  record,
} from './support/hand-made-record.ts';
import { makeInout, openHost, openReference, runWalredo } from './support/reference.ts';
import { lsn, message, ping, request, tag } from './support/walredo-message.ts';

const pageBytes = 8192;
const key = { spcOid: 1663, dbOid: 5, relNumber: 16384, forkNumber: 0, blockNumber: 7 };
const zeroPage = Buffer.alloc(pageBytes);
const succeeded = { kind: 'exited', exitCode: 0 };
const failed = { kind: 'exited', exitCode: 1 };

/** A page that passes for an initialised one, filled with its own mark. */
function somePage(mark: number): Buffer {
  const page = Buffer.alloc(pageBytes, mark);
  page.writeUInt16LE(0, 10);
  page.writeUInt16LE(24, 12);
  page.writeUInt16LE(pageBytes, 14);
  page.writeUInt16LE(pageBytes, 16);
  page.writeUInt16LE(pageBytes | 4, 18);
  return page;
}

function withLsn(page: Buffer, value: bigint): Buffer {
  const copy = Buffer.from(page);
  copy.writeUInt32LE(Number(value >> 32n), 0);
  copy.writeUInt32LE(Number(value & 0xffffffffn), 4);
  return copy;
}

for (const major of referenceMajors) {
  test.group(`walredo of the reference bundle, ${major}`, (group) => {
    let bundle: Bundle;
    let host: Host;
    group.setup(async () => {
      bundle = await openReference();
      host = await openHost('debian:12');
    });
    group.teardown(async () => {
      await host[Symbol.asyncDispose]();
    });

    const run = (...messages: readonly Buffer[]): ReturnType<typeof runWalredo> =>
      runWalredo(bundle, major, host, Buffer.concat(messages));

    test('answers a ping with zeros, ends with 0 at the end of its input, and is quiet', async ({
      assert,
    }) => {
      const { ending, stdout, stderr, left } = await run(ping, ping);
      assert.deepEqual(ending, succeeded);
      assert.isTrue(stdout.equals(Buffer.alloc(2 * pageBytes)));
      assert.equal(stderr, '');
      assert.isEmpty(left, 'no data directory stays');
    });

    test('ends with 0 on an empty input', async ({ assert }) => {
      const { ending, stdout } = await run();
      assert.deepEqual(ending, succeeded);
      assert.lengthOf(stdout, 0);
    });

    test('restores an image and gives it the LSN of its record', async ({ assert }) => {
      const image = somePage(0x5a);
      const { ending, stdout, stderr } = await run(
        request(key, [{ endLsn: 0x1_2345_6780n, bytes: fullPageImage(key, image, major) }]),
      );
      assert.equal(stderr, '');
      assert.deepEqual(ending, succeeded);
      assert.isTrue(stdout.equals(withLsn(image, 0x1_2345_6780n)));
    });

    test('tells blocks apart that have the same number in another relation or fork', async ({ assert }) => {
      const others = [
        { ...key, relNumber: key.relNumber + 1 },
        { ...key, forkNumber: 3 },
        { ...key, dbOid: key.dbOid + 1, forkNumber: 3 },
      ];
      const pages = [key, ...others].map((each, at) => [each, somePage(0x11 * (at + 1))] as const);
      const bytes = fullPageImages(pages, major);
      const { stdout, stderr } = await run(
        ...pages.map(([each]) => request(each, [{ endLsn: 0x1000n, bytes }])),
      );
      assert.equal(stderr, '');
      for (const [at, [, page]] of pages.entries()) {
        const answer = stdout.subarray(at * pageBytes, (at + 1) * pageBytes);
        assert.isTrue(answer.equals(withLsn(page, 0x1000n)), `block ${String(at)}`);
      }
    });

    test('gives back a pushed page to which nothing was applied', async ({ assert }) => {
      const base = somePage(0x11);
      const { stdout } = await run(request(key, [], base));
      assert.isTrue(stdout.equals(base));
    });

    test('applies records in order, to a new page and to a pushed one alike', async ({ assert }) => {
      const first = { endLsn: 0x1000n, bytes: heapInsert(key, 1, 41, true) };
      const second = { endLsn: 0x2000n, bytes: heapInsert(key, 2, 42) };
      const both = await run(request(key, [first, second]));
      assert.equal(both.stderr, '');
      const one = await run(request(key, [first]));
      const pushed = await run(request(key, [second], one.stdout));
      assert.isTrue(both.stdout.equals(pushed.stdout));
      assert.equal(both.stdout.readUInt32LE(4), 0x2000);
      // Two line pointers; the tuples lie at the end, the second one lower, each 28 bytes in a slot of 32.
      assert.equal(both.stdout.readUInt16LE(12), 24 + 2 * 4);
      assert.equal(both.stdout.readInt32LE(pageBytes - 32 + 24), 41);
      assert.equal(both.stdout.readInt32LE(pageBytes - 64 + 24), 42);
    });

    test('skips a record that the pushed page already holds', async ({ assert }) => {
      const base = withLsn(somePage(0x22), 0x9000n);
      const { stdout } = await run(request(key, [{ endLsn: 0x9000n, bytes: heapInsert(key, 1, 1) }], base));
      assert.isTrue(stdout.equals(base));
    });

    test('keeps requests apart: a page never shows what another request left', async ({ assert }) => {
      const other = { ...key, blockNumber: 8 };
      const { stdout } = await run(
        request(key, [{ endLsn: 0x1000n, bytes: fullPageImage(key, somePage(0x33), major) }]),
        request(other, []),
        request(key, []),
      );
      assert.isTrue(stdout.subarray(pageBytes).equals(Buffer.alloc(2 * pageBytes)));
    });

    test('leaves the caller in charge of a page between two answers', async ({ assert }) => {
      const image = { endLsn: 0x1000n, bytes: fullPageImage(key, somePage(0x44), major) };
      const { stdout } = await run(request(key, [image]), message('G', tag(key)));
      assert.isTrue(stdout.subarray(0, pageBytes).equals(stdout.subarray(pageBytes)));
    });

    test('takes a record of many megabytes', async ({ assert }) => {
      const long = Buffer.alloc(5 + 3 * 2 ** 20, 1);
      long.writeUInt8(254, 0);
      long.writeUInt32LE(long.length - 5, 1);
      const image = fullPageImage(key, somePage(0x55), major);
      // Its block comes first, then a main data part that redo of an image does not look at.
      const headers = image.subarray(24, image.length - pageBytes);
      const bytes = record(
        0,
        0xb0,
        headers,
        long.subarray(0, 5),
        image.subarray(-pageBytes),
        long.subarray(5),
      );
      const { ending, stderr, stdout } = await run(request(key, [{ endLsn: 0x1000n, bytes }]));
      assert.equal(stderr, '');
      assert.deepEqual(ending, succeeded);
      assert.isTrue(stdout.equals(withLsn(somePage(0x55), 0x1000n)));
    });

    test('lets a visibility map page start from zero', async ({ assert }) => {
      const heap = { ...key, blockNumber: 7 };
      const map = { ...key, forkNumber: 2, blockNumber: 0 };
      const { stdout, stderr } = await run(
        request(map, [{ endLsn: 0x1000n, bytes: heapVisible(heap, map) }]),
        request(heap, [{ endLsn: 0x1000n, bytes: heapVisible(heap, map) }], withLsn(somePage(0), 1n)),
      );
      assert.equal(stderr, '');
      assert.equal(stdout.readUInt32LE(4), 0x1000);
      // Two bits a heap block behind the page header; the first says all-visible.
      assert.equal(stdout.readUInt8(24 + 1), 0x40);
      assert.equal(stdout.readUInt16LE(pageBytes + 10), 0x0004, 'PD_ALL_VISIBLE');
    });

    test('clears bits on the page of the map that a heap record names, whether its minor names it or not', async ({
      assert,
    }) => {
      const heap = { ...key, blockNumber: 7 };
      const map = { ...key, forkNumber: 2, blockNumber: 0 };
      const before = withLsn(somePage(0xff), 1n);
      const insert = { endLsn: 0x1000n, bytes: heapInsert(heap, 1, 1, false, map) };
      const { stdout, stderr } = await run(request(map, [insert], before));
      assert.equal(stderr, '');
      const cleared = Buffer.from(before);
      cleared.writeUInt8(0x3f, 24 + 1);
      assert.isTrue(withLsn(stdout, 1n).equals(cleared), 'these bits alone are cleared');
      assert.include([1, 0x1000], stdout.readUInt32LE(4), 'minors that do not name the page leave its LSN');
    });

    test('refuses a record on a page that nobody pushed, or that is zero', async ({ assert }) => {
      const insert = { endLsn: 0x1000n, bytes: heapInsert(key, 1, 1) };
      const onZero = await run(request(key, [insert]));
      assert.deepEqual(onZero.ending, failed);
      assert.lengthOf(onZero.stdout, 0);
      assert.match(onZero.stderr, /needs a base page/);
      const onPushedZero = await run(request(key, [insert], zeroPage));
      assert.match(onPushedZero.stderr, /needs a base page/);
    });

    test('answers what came before a request that it refuses, and says which it is').run(
      async ({ assert }) => {
        const { ending, stdout, stderr } = await run(
          ping,
          request(key, [{ endLsn: 0x1000n, bytes: heapInsert(key, 1, 1) }]),
          ping,
        );
        assert.deepEqual(ending, failed);
        assert.lengthOf(stdout, pageBytes);
        assert.match(stderr, /request 1 \(counted from 0\)/);
        assert.match(stderr, /0\/1000/);
      },
    );

    const refused: readonly (readonly [string, RegExp, readonly Buffer[]])[] = [
      ['an unknown resource manager', /resource manager id 77/, [apply(record(77, 0))]],
      [
        'a record for another block',
        /does not change the block/,
        [apply(heapInsert({ ...key, blockNumber: 1 }, 1, 1, true))],
      ],
      ['a record without any block', /does not change the block/, [apply(record(1, 0))]],
      ['a record shorter than a header', /shorter than a record header/, [apply(Buffer.alloc(10))]],
      ['a record whose length is wrong', /says it is/, [apply(heapInsert(key, 1, 1, true).subarray(0, -1))]],
      [
        'a record whose parts do not fit in it',
        /invalid record/,
        [apply(record(10, 0, Buffer.from([0, 0x20, 0xff, 0x7f])))],
      ],
      ['a length below 4', /length out of range/, [Buffer.from('4800000003', 'hex')]],
      ['a length of gigabytes', /length out of range/, [Buffer.from('41ffffffff', 'hex')]],
      ['an unknown message', /unknown message type 0x5A/, [Buffer.from('5a00000004', 'hex')]],
      ['a ping with a payload', /Ping of wrong length/, [message('H', Buffer.alloc(1))]],
      ['a begin that is too short', /BeginRedoForBlock of wrong length/, [message('B', Buffer.alloc(16))]],
      ['a fork that does not exist', /no such fork/, [message('B', tag({ ...key, forkNumber: 4 }))]],
      [
        'the block number that is none',
        /block number out of range/,
        [message('B', tag({ ...key, blockNumber: 0xffffffff }))],
      ],
      ['a get without a begin', /was not begun/, [message('G', tag(key))]],
      [
        'a push for another block',
        /was not begun/,
        [message('B', tag(key)), message('P', tag({ ...key, relNumber: 1 }), zeroPage)],
      ],
      ['a record without a begin', /before any BeginRedoForBlock/, [message('A', lsn(1n), record(0, 0))]],
      ['an input that ends after a tag byte', /ends inside a message/, [Buffer.from('G')]],
      [
        'an input that ends inside a message',
        /ends inside a message/,
        [message('G', tag(key)).subarray(0, 10)],
      ],
    ];
    test('refuses {0} with exit 1 and words')
      .with([...refused])
      .run(async ({ assert }, [, words, messages]) => {
        const { ending, stdout, stderr, left } = await run(...messages);
        assert.deepEqual(ending, failed);
        assert.lengthOf(stdout, 0);
        assert.match(stderr, /^FATAL: {2}walredo: /);
        assert.match(stderr, words);
        assert.isEmpty(left);
      });

    test('ends with 1 and words when redo itself panics', async ({ assert }) => {
      const first = { endLsn: 0x1000n, bytes: heapInsert(key, 1, 41, true) };
      const gap = { endLsn: 0x2000n, bytes: heapInsert(key, 9, 42) };
      const { ending, stdout, stderr } = await run(request(key, [first, gap]));
      assert.deepEqual(ending, failed);
      assert.lengthOf(stdout, 0);
      assert.match(stderr, /^PANIC: .*invalid max offset number/);
      assert.match(stderr, /walredo of the record that ends at 0\/2000 \(Heap\/0\)/);
      assert.notMatch(stderr, /seccomp/);
    });

    test('leaves nothing behind when it is killed', async ({ assert }) => {
      await using scratch = await temporaryDirectory('a walredo that is killed');
      const inout = await makeInout(scratch.path);
      const running = await host.start({
        ...launch(bundle, major, 'postgres', ['--wal-redo']),
        mounts: [{ source: inout, target: '/inout', readOnly: false }],
        stdin: { kind: 'pipe' },
      });
      running.stdin?.write(ping);
      await once(running.stdout as NodeJS.EventEmitter, 'data');
      running.signal('SIGKILL');
      const { ending } = await running.result;
      assert.deepEqual(ending, { kind: 'signaled', signal: 'SIGKILL', coreDumped: false });
      assert.isEmpty(await readdir(inout));
    });

    test('needs no device', async ({ assert }) => {
      await using empty = await temporaryDirectory('an empty /dev');
      const { ending, stdout, stderr } = await runWalredo(bundle, major, host, ping, [
        { source: empty.path, target: '/dev', readOnly: true },
      ]);
      assert.equal(stderr, '');
      assert.deepEqual(ending, succeeded);
      assert.lengthOf(stdout, pageBytes);
    });
  });
}

function apply(bytes: Buffer): Buffer {
  return Buffer.concat([message('B', tag(key)), message('A', lsn(0x1000n), bytes)]);
}
