import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { btreeLeaf, heapPage } from '../page/page-builder.ts';
import { makeTinyTape } from '../redo/tiny-tape.ts';
import { redoubt } from '../support/redoubt-command.ts';

/** Runs the command in a folder that has a tape, a recording, a page, a relation file, and a file that is none. */
async function explain(command: string): ReturnType<typeof redoubt> {
  await using scratch = await temporaryDirectory('a test of explain');
  const place = (name: string): string => join(scratch.path, name);
  makeTinyTape(place('tape'));
  await copyFile(join(place('tape'), 'requests'), place('failing.walredo'));
  await writeFile(place('damaged.walredo'), withDamagedRecord(await readFile(place('failing.walredo'))));
  await writeFile(place('page'), heapPage({}, ['only one']));
  await writeFile(place('relation'), Buffer.concat([heapPage(), btreeLeaf()]));
  await writeFile(place('cut'), heapPage().subarray(0, 8000));
  await writeFile(place('empty'), '');
  return await redoubt(['explain', ...command.replaceAll('@', `${scratch.path}/`).split(' ')]);
}

/** The first byte behind a record's header names its first fragment: 200 names none. Here it is the second record. */
function withDamagedRecord(requests: Buffer): Buffer {
  const beginBytes = 22;
  const pushBytes = 22 + 8192;
  const first = beginBytes + pushBytes;
  const second = first + 1 + requests.readUInt32BE(first + 1);
  requests[second + 13 + 24] = 200;
  return requests;
}

interface Json {
  readonly schemaVersion: number;
  readonly exitCode: number;
  readonly error?: { readonly code: string; readonly message: string; readonly remedy: string };
  readonly kind?: string;
  readonly items?: readonly unknown[];
  readonly records?: readonly { readonly rmgr: string; readonly kind: string; readonly blocks: string[] }[];
  readonly base?: object | null;
  readonly oracle?: object | null;
}

test.group('redoubt explain', () => {
  test('prints a page', async ({ assert }) => {
    const { exitCode, stdout } = await explain('@page');
    assert.equal(exitCode, 0);
    const lines = stdout.split('\n');
    assert.match(lines[0]!, /page: block 0 of 1 page, heap \(guessed from the page; --kind says it\)$/);
    assert.match(stdout, /8184 +8 +data +6f6e6c79206f6e65 +"only one"/);
  });

  test('prints a block of a relation file, as the kind that is said', async ({ assert }) => {
    const json = JSON.parse((await explain('@relation --block 1 --json')).stdout) as Json;
    assert.deepInclude(json, { schemaVersion: 1, exitCode: 0, kind: 'btree' });
    assert.lengthOf(json.items!, 3);
    const { stdout } = await explain('@relation --block 1 --kind heap');
    assert.match(stdout, /t_xmin/);
    assert.match(stdout, /block 1 of 2 pages, heap$/m);
  });

  test('lists a tape', async ({ assert }) => {
    const { stdout } = await explain('@tape');
    assert.match(stdout, /^4 requests, 6 records, /m);
    assert.match(stdout, /^0 +base +recovery +3 .*public\.words main block 0$/m);
  });

  test('prints a request with its page, records and oracle', async ({ assert }) => {
    const { stdout } = await explain('@tape --page public.words:main:0');
    assert.match(stdout, /^request 0: public\.words main block 0 \(1663\/5\/16385 main block 0\)$/m);
    assert.match(stdout, /page that is pushed\nheap page/);
    assert.match(stdout, /Heap INSERT +\d+ +\d+ +#0 this page/);
    assert.match(stdout, /what the page must be then \(recovery\)\nheap page/);
    const json = JSON.parse((await explain('@tape --request 1 --json')).stdout) as Json;
    assert.isNull(json.base);
    assert.isObject(json.oracle);
    assert.deepInclude(json.records![0], { rmgr: 'Heap', kind: 'INSERT' });
    const sameByNumbers = await explain('@tape --page 1663/5/16385:main:0');
    assert.equal(sameByNumbers.stdout, stdout);
  });

  test('prints a request of a recording', async ({ assert }) => {
    const { stdout } = await explain('@failing.walredo --pg 17 --request 0');
    assert.match(stdout, /^request 0: 1663\/5\/16385 main block 0$/m);
    assert.match(stdout, /does not say what the page must be/);
  });

  test('shows a record that cannot be decoded as one, with the reason, among the others', async ({
    assert,
  }) => {
    const { exitCode, stdout } = await explain('@damaged.walredo --pg 17 --request 0');
    assert.equal(exitCode, 0);
    assert.match(stdout, /Heap INSERT.*\n\S+ +damaged .*WAL is corrupt: LSN .*\n\S+ +Heap2 VISIBLE/);
    assert.match(stdout, /^records: 3$/m);
  });

  for (const { name, command, code, says } of [
    { name: 'a cut page', command: '@cut', code: 'page-file-size', says: /0 pages and 8,000 bytes more/ },
    { name: 'an empty file', command: '@empty', code: 'page-file-size', says: /it is empty/ },
    { name: 'no file', command: '@none', code: 'page-file-unreadable', says: /no such file/ },
    { name: 'a folder', command: '@', code: 'page-file-unreadable', says: /it is not a file/ },
    { name: 'a device', command: '/dev/zero', code: 'page-file-unreadable', says: /it is not a file/ },
    {
      name: 'a block too far',
      command: '@page --block 1',
      code: 'block-missing',
      says: /there is no block 1/,
    },
    {
      name: 'a block that is no number',
      command: '@page --block x',
      code: 'invalid-number',
      says: /--block x/,
    },
    { name: 'an unknown kind', command: '@page --kind tree', code: 'arguments', says: /--kind/ },
    { name: 'a request too far', command: '@tape --request 4', code: 'arguments', says: /none is 4/ },
    {
      name: 'no such page',
      command: '@tape --page a:main:0',
      code: 'page-unknown',
      says: /no request for a/,
    },
    { name: 'words for a page', command: '@tape --page words', code: 'page-words', says: /names no page/ },
    { name: 'a block of a tape', command: '@tape --block 1', code: 'arguments', says: /--block is for/ },
    { name: 'a request of a page', command: '@page --request 1', code: 'arguments', says: /are for tapes/ },
    { name: 'no major', command: '@failing.walredo', code: 'recording-major', says: /of which major/ },
  ] as const) {
    test(`refuses ${name}`, async ({ assert }) => {
      const { exitCode, stdout } = await explain(`${command} --json`);
      assert.equal(exitCode, 2);
      const { error } = JSON.parse(stdout) as Json;
      assert.equal(error?.code, code);
      assert.match(error!.message, says);
      assert.isNotEmpty(error!.remedy);
    });
  }
});
