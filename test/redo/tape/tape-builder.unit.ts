import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { temporaryDirectory, type TemporaryDirectory } from '../../../harness/host/run-directory.ts';
import { readRequestRecords } from '../../../harness/redo/request/request-records.ts';
import { Tape } from '../../../harness/redo/tape/tape.ts';
import { u32 } from '../../wal/wal-builder.ts';
import { thrownBy } from '../../support/thrown.ts';
import { keyOf, makeTinyTape, mapPage, markedPage, MemoryPages, TinyWal } from '../tiny-tape.ts';

const base = markedPage(1, 8);
const after = markedPage(0xa0, 16);

/** What a tape asks for: block, fork, origin, and the end LSNs of the records. */
function contents(directory: string): unknown {
  const tape = Tape.open(directory);
  return [...tape.index].map((request) => [
    request.key.blockNumber,
    request.key.forkNumber,
    request.origin,
    readRequestRecords(tape.readRequest(request)).records.map(({ endLsn }) => endLsn),
  ]);
}

test.group('buildTape', (group) => {
  let scratch: TemporaryDirectory;
  let directory: string;
  group.each.setup(async () => {
    scratch = await temporaryDirectory('a tape');
    directory = join(scratch.path, 'tape');
    return async () => {
      await scratch[Symbol.asyncDispose]();
    };
  });

  test('asks for each page once, in order, with its own records exactly as in the WAL', ({ assert }) => {
    const wal = new TinyWal();
    const one = wal.insert([{ block: 3 }, { block: 1 }]);
    const two = wal.insert([{ block: 1 }], 20_000);
    const three = wal.insert([{ block: 2, willInit: true }]);
    const pages = [1, 2, 3].map((block) => [keyOf(block), after] as const);
    const untouched = [keyOf(0), base] as const;
    const before = [1, 3].map((block) => [keyOf(block), base] as const);
    const { counts } = wal.tape(
      new MemoryPages(untouched, ...before),
      new MemoryPages(untouched, ...pages),
      directory,
    );
    assert.deepEqual(contents(directory), [
      [1, 0, 'base', [one.end, two.end]],
      [2, 0, 'initialised', [three.end]],
      [3, 0, 'base', [one.end]],
    ]);
    assert.deepEqual(counts, {
      requests: 3,
      records: 4,
      requestsOnPushedBase: 2,
      recordsOnPushedBase: 3,
      judged: 3,
      notJudged: {},
      recordsOfRemovedPages: 0,
      untouchedPages: 1,
    });
    const tape = Tape.open(directory);
    const first = readRequestRecords(tape.readRequest(tape.index.at(0)));
    assert.isTrue(first.base?.equals(base));
    assert.isTrue(first.records[0]?.bytes.equals(one.bytes));
    assert.isTrue(first.records[1]?.bytes.equals(two.bytes));
    assert.isFalse(existsSync(join(directory, 'spill')));
  });

  test('makes the same bytes again', ({ assert }) => {
    const again = join(scratch.path, 'again');
    assert.deepEqual(makeTinyTape(directory), makeTinyTape(again));
    for (const name of ['requests', 'index', 'oracle', 'manifest.json']) {
      assert.isTrue(readFileSync(join(directory, name)).equals(readFileSync(join(again, name))), name);
    }
  });

  test('leaves out pages that were dropped, and starts truncated ones anew', ({ assert }) => {
    const wal = new TinyWal();
    wal.insert([{ block: 0 }]);
    wal.insert([{ block: 5 }]);
    wal.insert([{ block: 6 }]);
    wal.truncate(5);
    const anew = wal.insert([{ block: 5, willInit: true }]);
    const before = [0, 5, 6].map((block) => [keyOf(block), base] as const);
    const oracle = new MemoryPages([keyOf(0), after], [keyOf(5), after]);
    for (const block of [1, 2, 3, 4]) oracle.set(keyOf(block), Buffer.alloc(8192));
    const { counts } = wal.tape(new MemoryPages(...before), oracle, directory);
    assert.deepEqual((contents(directory) as unknown[]).at(-1), [5, 0, 'initialised', [anew.end]]);
    assert.equal(counts.requests, 2);
    assert.equal(counts.recordsOfRemovedPages, 1);
    assert.equal(counts.untouchedPages, 4);
  });

  test('asks for nothing of a relation that is gone in the end', ({ assert }) => {
    const wal = new TinyWal();
    wal.insert([{ block: 0 }, { block: 0, fork: 2 }]);
    wal.drop();
    const { counts } = wal.tape(new MemoryPages([keyOf(0), base]), new MemoryPages(), directory);
    assert.equal(counts.requests, 0);
    assert.equal(counts.recordsOfRemovedPages, 2);
  });

  test('does not judge the free space map, and counts it by name', ({ assert }) => {
    const wal = new TinyWal();
    for (const fork of [0, 1, 3]) wal.insert([{ block: 0, fork, willInit: true }]);
    const oracle = new MemoryPages([keyOf(0, 0), after], [keyOf(0, 3), after]);
    const { counts } = wal.tape(new MemoryPages(), oracle, directory);
    assert.equal(counts.judged, 2);
    assert.deepEqual(counts.notJudged, { fsm: 1 });
    assert.deepEqual(
      [...Tape.open(directory).index].map((request) => [request.key.forkNumber, request.oracle]),
      [
        [0, 'recovery'],
        [1, 'none'],
        [3, 'recovery'],
      ],
    );
  });

  test('judges the visibility map, and notices when recovery has another', ({ assert }) => {
    makeTinyTape(directory);
    assert.deepEqual([...Tape.open(directory).index].at(-1)?.oracle, 'recovery');
    const wal = new TinyWal();
    wal.insert([{ block: 0, willInit: true }]);
    const visible = wal.visible(0);
    const other = mapPage(visible.end);
    other[24] = 1;
    const oracle = new MemoryPages([keyOf(0), after], [keyOf(0, 2), other]);
    const error = thrownBy(() => wal.tape(new MemoryPages(), oracle, join(scratch.path, 'other')));
    assert.equal(error.code, 'oracle-unexplained');
    assert.match(error.message, /vm block 0/);
  });

  test('says so when recovery has no page that the WAL makes', ({ assert }) => {
    const wal = new TinyWal();
    wal.insert([{ block: 4, willInit: true }]);
    const error = thrownBy(() => wal.tape(new MemoryPages(), new MemoryPages(), directory));
    assert.equal(error.code, 'oracle-unexplained');
    assert.match(error.message, /block 4: the WAL makes this page, but recovery has none/);
  });

  test('says so when recovery changed a page that no record touches', ({ assert }) => {
    const wal = new TinyWal();
    wal.insert([{ block: 0 }]);
    const before = new MemoryPages([keyOf(0), base], [keyOf(1), base]);
    const other = Buffer.from(base);
    other[8191] = (other[8191] ?? 0) ^ 1;
    const error = thrownBy(() =>
      wal.tape(before, new MemoryPages([keyOf(0), after], [keyOf(1), other]), directory),
    );
    assert.equal(error.code, 'oracle-unexplained');
    assert.match(error.message, /main block 1: recovery changed this page/);
  });

  test('says so when a record needs a page that nobody has', ({ assert }) => {
    const wal = new TinyWal();
    wal.insert([{ block: 7 }]);
    const error = thrownBy(() => wal.tape(new MemoryPages(), new MemoryPages([keyOf(7), after]), directory));
    assert.equal(error.code, 'lineage-without-base');
  });

  test('refuses WAL that copies a database behind its own back', ({ assert }) => {
    const wal = new TinyWal();
    const copied = copyDatabase(wal, 1663);
    const error = thrownBy(() => wal.tape(new MemoryPages(), new MemoryPages(), directory));
    assert.equal(error.code, 'wal-unsupported');
    assert.include(error.message, copied.start.toString(16).toUpperCase());
  });

  test('lets a database be copied that is dropped later, where it was copied to', ({ assert }) => {
    const wal = new TinyWal();
    copyDatabase(wal, 1663);
    dropDatabase(wal, 1663);
    assert.equal(wal.tape(new MemoryPages(), new MemoryPages(), directory).counts.requests, 0);

    const moved = new TinyWal();
    copyDatabase(moved, 16999);
    dropDatabase(moved, 1663);
    const error = thrownBy(() => moved.tape(new MemoryPages(), new MemoryPages(), join(directory, 'moved')));
    assert.equal(error.code, 'wal-unsupported');

    const again = new TinyWal();
    dropDatabase(again, 1663);
    copyDatabase(again, 1663);
    assert.equal(
      thrownBy(() => again.tape(new MemoryPages(), new MemoryPages(), join(directory, 'again'))).code,
      'wal-unsupported',
    );
  });

  test('refuses WAL with any byte of a record flipped, and WAL that ends early', ({ assert }) => {
    const wal = new TinyWal();
    const record = wal.insert([{ block: 0, willInit: true }]);
    wal.insert([{ block: 0 }]);
    const oracle = new MemoryPages([keyOf(0), after]);
    const bytes = wal.builder.bytes();
    for (let at = 0; at < record.bytes.length; at += 5) {
      const place = record.start - wal.builder.start + at;
      bytes[place] = (bytes[place] ?? 0) ^ 0x04;
      const error = thrownBy(() => wal.tape(new MemoryPages(), oracle, join(directory, String(at))));
      assert.match(error.code, /^wal-(corrupt-|ends-early)/);
      bytes[place] = (bytes[place] ?? 0) ^ 0x04;
    }
    const end = wal.builder.position - wal.builder.start;
    bytes.fill(0, record.end - wal.builder.start, end);
    const error = thrownBy(() => wal.tape(new MemoryPages(), oracle, join(directory, 'early')));
    assert.equal(error.code, 'wal-ends-early');
  });
});

/** CREATE_FILE_COPY (majors 15 and later): database and tablespace of the copy, then of the original. */
function copyDatabase(wal: TinyWal, spcOid: number): ReturnType<TinyWal['insert']> {
  const main = Buffer.concat([u32(20), u32(spcOid), u32(5), u32(1663)]);
  return wal.builder.append({ rmgrId: 4, info: 0, main });
}

/** DROP (majors 15 and later): the database, and how many tablespaces, and which. */
function dropDatabase(wal: TinyWal, spcOid: number): void {
  wal.builder.append({ rmgrId: 4, info: 0x20, main: Buffer.concat([u32(20), u32(1), u32(spcOid)]) });
}
