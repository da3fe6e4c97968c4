import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { LineageSpill, type SpilledRole } from '../../harness/redo/lineage-spill.ts';

/** Larger than the spill's buffer of 256 KiB. */
const hugeBytes = 300_000;

interface Given {
  readonly fork: number;
  readonly block: number;
  readonly role: SpilledRole;
  readonly endLsn: number;
  readonly record: Buffer;
}

/** Spills the records and reads them back by partition; `checkPartition` sees which partition a page is in. */
function spillAndRead(directory: string, partitions: number, given: readonly Given[]): readonly Given[][] {
  mkdirSync(directory);
  using spill = new LineageSpill(directory, partitions);
  for (const { fork, block, role, endLsn, record } of given) {
    const source = Buffer.concat([Buffer.alloc(5, 0xee), record, Buffer.alloc(3, 0xdd)]);
    spill.append(fork, block, role, endLsn, source, 5, record.length);
  }
  return Array.from({ length: spill.partitions }, (_, number) =>
    [...spill.read(number)].map(({ bytes, entry }) => ({
      fork: entry.forkId,
      block: entry.blockNumber,
      role: entry.role,
      endLsn: entry.endLsn,
      record: Buffer.from(bytes.subarray(entry.recordOffset, entry.recordOffset + entry.recordBytes)),
    })),
  );
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
      { weight: 20, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
      { weight: 1, arbitrary: fc.nat(255).map((value) => Buffer.alloc(hugeBytes, value)) },
      { weight: 1, arbitrary: fc.constant(Buffer.alloc((1 << 18) - 24, 7)) },
    );
    const given = fc.record({
      fork: fc.nat(3),
      block: fc.oneof(fc.nat(5), fc.nat(0xffff_ffff)),
      role: fc.constantFrom<SpilledRole>('record', 'initialising', 'clear', 'truncate'),
      endLsn: fc.maxSafeNat(),
      record,
    });
    fc.assert(
      fc.property(fc.array(given, { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (all, partitions) => {
        const read = spillAndRead(join(scratch.path, String(number++)), partitions, all);
        assert.lengthOf(read, partitions);
        assert.deepEqual(byPage(read.flat()), byPage(all));
        for (const page of Object.keys(byPage(all))) {
          assert.lengthOf(
            read.filter((part) => part.some((one) => pageOf(one) === page)),
            1,
            'one partition',
          );
        }
      }),
      { numRuns: 40 },
    );
  });

  test('keeps the order around records that are larger than its buffer', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a spill');
    const sizes = [10, hugeBytes, 20, 200_000, 100_000, hugeBytes, 1];
    const given = sizes.map((size, index): Given => ({
      fork: 0,
      block: 1,
      role: index === 1 ? 'initialising' : 'record',
      endLsn: 2 ** 40 + index,
      record: Buffer.alloc(size, index),
    }));
    const read = spillAndRead(join(scratch.path, 'spill'), 1, given);
    assert.deepEqual(
      read.flat().map((one) => [one.endLsn, one.record.length]),
      given.map((one) => [one.endLsn, one.record.length]),
    );
    assert.isTrue(
      read.flat().every(({ record }, index) => record.equals(given[index]?.record ?? Buffer.alloc(0))),
    );
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
