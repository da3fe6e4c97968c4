import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { btreeLeaf, heapPage } from '../page/page-builder.ts';
import { keyOf, makeTinyTape, markedPage, MemoryPages, mapPage, TinyWal } from '../redo/tiny-tape.ts';
import { redoubt } from '../support/redoubt-command.ts';

interface Json {
  readonly exitCode: number;
  readonly compared: number;
  readonly missing: number;
  readonly extra: number;
  readonly notCompared: number;
  readonly identical: number;
  readonly different: number;
  readonly classes: Readonly<Record<string, number>>;
  readonly differences: readonly {
    readonly page: string;
    readonly kind: string;
    readonly class: string;
    readonly ranges: readonly {
      readonly field: string;
      readonly expectedValue: string | null;
      readonly actualValue: string | null;
    }[];
    readonly text?: string | null;
  }[];
  readonly error?: { readonly code: string };
}

function changed(page: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(page);
  copy[at] = value;
  return copy;
}

const page = heapPage({}, ['first', 'second']);
const tuple = page.readUInt16LE(24) & 0x7fff;

/** One page for each class, beside the one that it is compared with. */
const pairs: readonly (readonly [expected: Buffer, actual: Buffer])[] = [
  [page, page],
  [page, changed(page, 3, 9)],
  [page, changed(page, 8, 9)],
  [page, changed(page, tuple + 21, 0x0b)],
  [page, changed(page, 100, 9)],
  [page, changed(page, tuple + 1, 9)],
  [heapPage({}, ['one a', 'two b']), heapPage({}, ['two b', 'one a'])],
];

async function diff(command: string): ReturnType<typeof redoubt> {
  await using scratch = await temporaryDirectory('a test of diff');
  const place = (name: string): string => join(scratch.path, name);
  makeTinyTape(place('tape'));
  makeTinyTape(place('same-tape'));
  makeOtherTape(place('other-tape'));
  await writeFile(place('page'), page);
  await writeFile(place('leaf'), btreeLeaf());
  await writeFile(place('expected'), Buffer.concat(pairs.map(([expected]) => expected)));
  await writeFile(place('actual'), Buffer.concat([...pairs.map(([, actual]) => actual), page, page]));
  await writeFile(place('cut'), page.subarray(1));
  return await redoubt(['diff', ...command.replaceAll('@', `${scratch.path}/`).split(' ')]);
}

/** Blocks 0 and 2 as in the tiny tape but for a byte of block 0, no map, and a block 3. */
function makeOtherTape(directory: string): void {
  const wal = new TinyWal();
  wal.insert([{ block: 0 }]);
  wal.insert([{ block: 0 }]);
  wal.insert([{ block: 1, willInit: true }]);
  const third = wal.insert([{ block: 2 }]);
  const last = wal.visible(0);
  wal.insert([{ block: 3 }]);
  const base = new MemoryPages(
    [keyOf(0), markedPage(1, 8)],
    [keyOf(2), markedPage(3, 8)],
    [keyOf(3), markedPage(4)],
  );
  const oracle = new MemoryPages(
    [keyOf(0), changed(markedPage(0xa0, last.end), 5000, 1)],
    [keyOf(1), markedPage(0xa1, third.start + 8)],
    [keyOf(2), markedPage(0xa2, third.end)],
    [keyOf(3), markedPage(0xa7, last.end)],
    [keyOf(0, 2), mapPage(last.end)],
  );
  wal.tape(base, oracle, directory);
}

async function diffJson(command: string): Promise<Json> {
  const { stdout, exitCode } = await diff(`${command} --json`);
  const json = JSON.parse(stdout) as Json;
  return { ...json, exitCode: exitCode === json.exitCode ? json.exitCode : -1 };
}

test.group('redoubt diff', () => {
  test('equal pages end with 0', async ({ assert }) => {
    const { exitCode, stdout } = await diff('@page @page');
    assert.equal(exitCode, 0);
    assert.equal(stdout, '1 page compared\n  identical: 1');
  });

  test('sorts pages by how they differ, and counts those that one side lacks', async ({ assert }) => {
    const json = await diffJson('@expected @actual');
    assert.deepInclude(json, { exitCode: 1, compared: 7, missing: 0, extra: 2, identical: 1, different: 6 });
    assert.deepEqual(json.classes, {
      identical: 1,
      'lsn-only': 1,
      'checksum-only': 1,
      'hint-bits-only': 1,
      'free-space-only': 1,
      'item-order': 1,
      content: 1,
    });
    assert.deepEqual(
      json.differences.map((one) => [one.page, one.class, one.ranges[0]?.field]),
      [
        ['block 1', 'lsn-only', 'pd_lsn'],
        ['block 2', 'checksum-only', 'pd_checksum'],
        ['block 3', 'hint-bits-only', 't_infomask of item 1'],
        ['block 4', 'free-space-only', 'free space'],
        ['block 5', 'content', 't_xmin of item 1'],
        ['block 6', 'item-order', 'data of item 2'],
      ],
    );
    assert.deepInclude(json.differences[2]!.ranges[0], {
      expectedValue: '0',
      actualValue: 'HEAP_XMIN_FROZEN HEAP_XMAX_INVALID',
    });
    const turned = await diffJson('@actual @expected');
    assert.deepInclude(turned, { exitCode: 1, missing: 2, extra: 0 });
  });

  test('compares one block', async ({ assert }) => {
    assert.deepInclude(await diffJson('@expected @actual --block 0'), { exitCode: 0, identical: 1 });
    assert.deepInclude(await diffJson('@expected @actual --block 1'), { exitCode: 1, different: 1 });
  });

  test('shows both sides of each field, and with --text the explained pages', async ({ assert }) => {
    const { stdout } = await diff('@expected @actual --block 3 --text');
    assert.match(stdout, /^block 3: hint bits only, 1 byte of a heap page$/m);
    assert.match(
      stdout,
      /^ {4}expected {2}0000 {2}0\n {4}actual {4}000b {2}HEAP_XMIN_FROZEN HEAP_XMAX_INVALID$/m,
    );
    assert.match(stdout, /^- +\d+ +2 +t_infomask +0000 +0$/m);
    assert.match(stdout, /^\+ +\d+ +2 +t_infomask +000b +HEAP_XMIN_FROZEN HEAP_XMAX_INVALID$/m);
  });

  test('two tapes of the same are identical', async ({ assert }) => {
    const json = await diffJson('@tape @same-tape');
    assert.deepInclude(json, { exitCode: 0, compared: 4, notCompared: 0, identical: 4 });
  });

  test('tapes are compared page by page, wherever a page is in them', async ({ assert }) => {
    const json = await diffJson('@tape @other-tape');
    assert.deepInclude(json, { exitCode: 1, missing: 0, extra: 1 });
    assert.deepEqual(
      json.differences.map((one) => [one.page, one.class]),
      [
        ['public.words main block 0 (request 0)', 'free-space-only'],
        ['public.words main block 1 (request 1)', 'lsn-only'],
      ],
    );
  });

  test('an output of walredo is compared with the oracle of its tape', async ({ assert }) => {
    const json = await diffJson('@tape @same-tape/oracle');
    assert.deepInclude(json, { exitCode: 0, compared: 4 });
    const other = await diffJson('@tape @expected');
    assert.deepInclude(other, { exitCode: 1, compared: 4, extra: 3 });
    assert.equal(other.differences[0]!.page, 'public.words main block 0 (request 0)');
  });

  test('the last page of a large file counts as much as the first', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a test of diff');
    const [left, right] = [join(scratch.path, 'left'), join(scratch.path, 'right')];
    const many = Buffer.concat(Array.from({ length: 1700 }, () => page));
    await writeFile(left, many);
    await writeFile(right, changed(many, 1699 * 8192 + tuple, 9));
    const { exitCode, stdout } = await redoubt(['diff', left, right]);
    assert.equal(exitCode, 1);
    assert.match(stdout, /^block 1699: content/);
    assert.match(stdout, /^1,700 pages compared\n {2}identical: 1699$/m);
  });

  for (const { name, command, code } of [
    { name: 'a cut file', command: '@page @cut', code: 'page-file-size' },
    { name: 'a missing file', command: '@none @page', code: 'page-file-unreadable' },
    { name: 'a block that only one has', command: '@expected @actual --block 7', code: 'block-missing' },
    { name: 'one side alone', command: '@page', code: 'arguments' },
  ] as const) {
    test(`refuses ${name}`, async ({ assert }) => {
      const { exitCode, stdout } = await diff(`${command} --json`);
      assert.equal(exitCode, 2);
      assert.equal((JSON.parse(stdout) as Json).error?.code, code);
    });
  }
});
