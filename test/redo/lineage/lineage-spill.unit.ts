import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { temporaryDirectory } from '../../../harness/host/run-directory.ts';
import { LineageSpill } from '../../../harness/redo/lineage/lineage-spill.ts';
import { SpilledPartitions } from '../../../harness/redo/lineage/spilled-partitions.ts';
import type { SpilledRecord, SpilledRole } from '../../../harness/redo/lineage/spilled-record.ts';

/** Larger than a block of a spill file, which has 64 KiB, 8 of them for itself; and as large as one, and a little larger. */
const hugeBytes = 300_000;
const aroundBlockBytes = [(1 << 16) - 33, (1 << 16) - 32, (1 << 16) - 31, (1 << 16) - 24] as const;

interface Given {
  readonly fork: number;
  readonly block: number;
  readonly role: SpilledRole;
  readonly endLsn: number;
  readonly record: Buffer;
}

/**
 * Spills the records, each at `offset` of its buffer, and reads them back: by partition, by page. What a page's first
 * record is said to be is its first one.
 */
function spillAndRead(
  directory: string,
  partitions: number,
  given: readonly Given[],
  offset = 5,
): readonly (readonly (readonly Given[])[])[] {
  mkdirSync(directory);
  using read = new SpilledPartitions(directory, spillAll(directory, partitions, given, offset));
  return Array.from({ length: read.partitions }, (_, number) => {
    const spilled = read.read(number);
    const givenOf = ({
      recordOffset,
      recordBytes,
      forkId,
      blockNumber,
      role,
      endLsn,
    }: SpilledRecord): Given => ({
      fork: forkId,
      block: blockNumber,
      role,
      endLsn,
      record: Buffer.from(spilled.bytes.subarray(recordOffset, recordOffset + recordBytes)),
    });
    return Array.from({ length: spilled.pages }, (_, page) => [
      givenOf(spilled.first(page)),
      ...spilled.records(page).slice(1).map(givenOf),
    ]);
  });
}

/** Spills the records; returns how many entries each partition has. */
function spillAll(
  directory: string,
  partitions: number,
  given: readonly Given[],
  offset: number,
): readonly number[] {
  using spill = new LineageSpill(directory, partitions);
  for (const { fork, block, role, endLsn, record } of given) {
    const source = Buffer.alloc(offset + record.length + 3, 0xee);
    record.copy(source, offset);
    spill.append(fork, block, role, endLsn, source, offset, record.length);
  }
  return spill.finish();
}

function pageOf({ fork, block }: Given): string {
  return `${String(fork)}/${String(block)}`;
}

function byPage(given: readonly Given[]): Record<string, readonly Given[]> {
  const pages: Record<string, Given[]> = {};
  for (const one of given) (pages[pageOf(one)] ??= []).push(one);
  return pages;
}

test.group('LineageSpill', () => {
  test('gives back every record, whole, by page in the order of writing', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a spill');
    let number = 0;
    const record = fc.oneof(
      { weight: 20, arbitrary: fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)) },
      { weight: 1, arbitrary: fc.nat(255).map((value) => Buffer.alloc(hugeBytes, value)) },
      { weight: 2, arbitrary: fc.constantFrom(...aroundBlockBytes).map((bytes) => Buffer.alloc(bytes, 7)) },
    );
    const given = fc.record({
      fork: fc.nat(3),
      block: fc.oneof(fc.nat(5), fc.nat(0xffff_ffff)),
      role: fc.constantFrom<SpilledRole>('record', 'initialising', 'clear', 'truncate'),
      endLsn: fc.maxSafeNat(),
      record,
    });
    fc.assert(
      fc.property(
        fc.array(given, { maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(0, 4, 5, 8),
        (all, partitions, offset) => {
          const read = spillAndRead(join(scratch.path, String(number++)), partitions, all, offset);
          assert.lengthOf(read, partitions);
          const pages = read.flat();
          assert.deepEqual(byPage(pages.flat()), byPage(all));
          for (const page of pages) assert.lengthOf(new Set(page.map(pageOf)), 1, 'a page is one page');
          assert.equal(pages.length, Object.keys(byPage(all)).length, 'each page once, in one partition');
        },
      ),
      { numRuns: 40 },
    );
  });

  test('keeps pages apart in a partition of many', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a spill');
    const given = Array.from({ length: 20_000 }, (_, index): Given => ({
      fork: index % 7,
      block: (index * 7919) % 1500,
      role: 'record',
      endLsn: 8 * index,
      record: Buffer.alloc(index % 90, index),
    }));
    const [pages = []] = spillAndRead(join(scratch.path, 'spill'), 1, given);
    assert.lengthOf(pages, Object.keys(byPage(given)).length);
    assert.deepEqual(byPage(pages.flat()), byPage(given));
  });

  test('keeps the order around records that are larger than its blocks', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a spill');
    const sizes = [10, hugeBytes, 20, 60_000, 30_000, hugeBytes, 1];
    const given = sizes.map((size, index): Given => ({
      fork: 0,
      block: 1,
      role: index === 1 ? 'initialising' : 'record',
      endLsn: 2 ** 40 + index,
      record: Buffer.alloc(size, index),
    }));
    const read = spillAndRead(join(scratch.path, 'spill'), 1, given).flat(2);
    assert.deepEqual(
      read.map((one) => [one.endLsn, one.record.length]),
      given.map((one) => [one.endLsn, one.record.length]),
    );
    assert.isTrue(read.every(({ record }, index) => record.equals(given[index]?.record ?? Buffer.alloc(0))));
  });

  test('leaves nothing on disk', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a spill');
    const directory = join(scratch.path, 'spill');
    spillAndRead(directory, 3, [
      { fork: 1, block: 1, role: 'record', endLsn: 8, record: Buffer.alloc(hugeBytes) },
    ]);
    assert.isFalse(existsSync(directory));
  });
});
