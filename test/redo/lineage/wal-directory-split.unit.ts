import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { temporaryDirectory, type TemporaryDirectory } from '../../../harness/host/run-directory.ts';
import { splitInTwo, splitWalDirectory } from '../../../harness/redo/lineage/wal-directory-split.ts';
import { walDirectory } from '../../../harness/redo/lineage/wal-directory.ts';
import { splitWal, type WalSplit, type WalStretch } from '../../../harness/redo/lineage/wal-split.ts';
import { segmentFileName, segmentNumberOf } from '../../../harness/wal/segment.ts';
import { rejectionOf } from '../../support/error-code.ts';
import { TinyWal } from '../tiny-tape.ts';

const segmentBytes = 1 << 20;

/** Some 9 MB of WAL, so that there are two partitions: inserts, images that cross pages, two forks. */
function manyRecords(): TinyWal {
  const wal = new TinyWal();
  for (let index = 0; wal.builder.position - wal.builder.start < 9 * segmentBytes; index++) {
    wal.insert([{ block: (index * 7919) % 300, fork: index % 11 === 0 ? 3 : 0 }], 16 + 8 * (index % 2000));
  }
  wal.truncate(250);
  return wal;
}

function writeSegments(wal: TinyWal, directory: string): void {
  mkdirSync(directory);
  const { start, position } = wal.builder;
  for (let number = segmentNumberOf(start, segmentBytes); number * segmentBytes < position; number++) {
    const bytes = wal.builder.source()(number);
    if (bytes !== undefined) writeFileSync(join(directory, segmentFileName(1, number, segmentBytes)), bytes);
  }
}

/** All that a split knows of each page, in the order of partitions. */
function contents({ splitter, spilled }: WalSplit): readonly unknown[] {
  return Array.from({ length: spilled.partitions }, (_, partition) => {
    const read = spilled.read(partition);
    return Array.from({ length: read.pages }, (_, page) => {
      const records = read.records(page);
      const { forkId, blockNumber } = read.first(page);
      const key = splitter.keyOf(forkId, blockNumber);
      return [
        key,
        splitter.lastRemoval(key),
        records.map(({ endLsn, role, recordOffset, recordBytes }) => [
          endLsn,
          role,
          read.bytes.toString('latin1', recordOffset, recordOffset + recordBytes),
        ]),
      ];
    });
  });
}

test.group('splitting the WAL of a folder', (group) => {
  let scratch: TemporaryDirectory;
  let stretch: WalStretch;
  let segments: string;
  let spills = 0;
  group.setup(async () => {
    scratch = await temporaryDirectory('WAL to split');
    const wal = manyRecords();
    stretch = wal.stretch();
    segments = join(scratch.path, 'wal');
    writeSegments(wal, segments);
    return async () => {
      await scratch[Symbol.asyncDispose]();
    };
  });

  const newDirectory = (): string => join(scratch.path, `spill-${String(spills++)}`);

  function splitAlone(): WalSplit {
    return splitWal(stretch, walDirectory(segments, 1, segmentBytes), newDirectory());
  }

  test('gives the same in two threads as in one', async ({ assert }) => {
    using alone = splitAlone();
    const spillDirectory = newDirectory();
    {
      using split = await splitInTwo(stretch, segments, spillDirectory);
      assert.isDefined(split);
      assert.equal(split?.spilled.partitions, 2);
      assert.deepEqual(split && contents(split), contents(alone));
      assert.deepEqual(split?.splitter.kinds, alone.splitter.kinds);
    }
    assert.isFalse(existsSync(spillDirectory));
  });

  test('refuses a flipped bit, which the second thread alone finds, and names what one reader would name', async ({
    assert,
  }) => {
    const path = join(
      segments,
      segmentFileName(1, segmentNumberOf(stretch.startLsn, segmentBytes) + 4, segmentBytes),
    );
    const whole = readFileSync(path);
    for (const page of [40, 41]) {
      const bytes = Buffer.from(whole);
      const at = page * 8192 + 4000;
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
      writeFileSync(path, bytes);
      const spillDirectory = newDirectory();
      const split = await splitInTwo(stretch, segments, spillDirectory);
      assert.isUndefined(split);
      assert.isFalse(existsSync(spillDirectory));
      const error = await rejectionOf(splitWalDirectory(stretch, segments, spillDirectory));
      assert.equal(error.code, 'wal-corrupt-crc');
      assert.isFalse(existsSync(spillDirectory));
    }
    writeFileSync(path, whole);
  });

  test('refuses WAL that ends early', async ({ assert }) => {
    const beyond = { ...stretch, endLsn: stretch.endLsn + segmentBytes };
    const spillDirectory = newDirectory();
    assert.isUndefined(await splitInTwo(beyond, segments, spillDirectory));
    assert.isFalse(existsSync(spillDirectory));
    const error = await rejectionOf(splitWalDirectory(beyond, segments, spillDirectory));
    assert.equal(error.code, 'wal-ends-early');
  });
});
