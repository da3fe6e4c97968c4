import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { captureWorkload, type Capture } from '../../../harness/compute/capture.ts';
import { DataDirectoryPages } from '../../../harness/compute/data-directory.ts';
import { tapeOfCapture } from '../../../harness/gate/capture/capture-tape.ts';
import type { Host } from '../../../harness/host/engine.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../../harness/host/run-directory.ts';
import { Tape } from '../../../harness/redo/tape/tape.ts';
import { RecordReader } from '../../../harness/wal/record-reader.ts';
import { walDirectory } from '../../../harness/redo/lineage/wal-directory.ts';
import { formatLsn } from '../../../harness/wal/lsn.ts';
import { smallCapture } from '../../compute/small-capture.ts';
import { openComputeImage, ownInitdb } from '../../support/compute-image.ts';
import { rejectionOf } from '../../support/error-code.ts';

const major = 17;
const pageSizeBytes = 8192;

/** Damages a file, looks, and mends it. */
async function withDamage(
  path: string,
  damage: () => Promise<void>,
  look: () => Promise<void>,
): Promise<void> {
  const whole = await readFile(path);
  await damage();
  try {
    await look();
  } finally {
    await writeFile(path, whole);
  }
}

test.group('the tape of a capture', (group) => {
  let host: Host;
  let scratch: TemporaryDirectory;
  let capture: Capture;
  let tapes = 0;
  group.setup(async () => {
    host = await openComputeImage(major);
    scratch = await temporaryDirectory('a capture');
    capture = await captureWorkload(await smallCapture(host, major, join(scratch.path, 'capture')));
    return async () => {
      await host[Symbol.asyncDispose]();
      await scratch[Symbol.asyncDispose]();
    };
  });

  function newDirectory(): string {
    return join(scratch.path, `tape-${String(tapes++)}`);
  }

  /** The error of making a tape, as kind, code and message. */
  async function failure(change: Partial<Capture> = {}): Promise<readonly [string, string, string]> {
    const error = await rejectionOf(tapeOfCapture({ ...capture, ...change }, newDirectory()));
    return [error.kind, error.code, error.message];
  }

  /** The segment in the middle of the WAL, and a record in it. */
  async function someRecord(): Promise<{
    readonly path: string;
    readonly offset: number;
    readonly lsn: number;
  }> {
    const { timeline, startLsn, endLsn, walSegmentSizeBytes: segmentSizeBytes } = capture;
    const reader = new RecordReader({
      source: walDirectory(capture.walDirectory, timeline, segmentSizeBytes),
      major,
      timeline,
      startLsn,
      endLsn,
      segmentSizeBytes,
    });
    const middle = (startLsn + endLsn) / 2;
    let lsn = startLsn;
    for (let raw = reader.next(); raw !== undefined && lsn < middle; raw = reader.next()) lsn = raw.startLsn;
    const names = (await readdir(capture.walDirectory)).toSorted();
    const first = Math.floor(startLsn / segmentSizeBytes);
    const name = names[Math.floor(lsn / segmentSizeBytes) - first] ?? '';
    return { path: join(capture.walDirectory, name), offset: lsn % segmentSizeBytes, lsn };
  }

  test('is whole, and the same when it is made again', async ({ assert }) => {
    const [one, two] = [newDirectory(), newDirectory()];
    assert.deepEqual(await tapeOfCapture(capture, one), await tapeOfCapture(capture, two));
    const { manifest, index } = Tape.open(one);
    assert.equal(manifest.systemIdentifier, capture.systemIdentifier);
    assert.isAbove(manifest.counts.judged, 300);
    assert.isAbove(manifest.counts.untouchedPages, 300);
    assert.equal(index.length, manifest.counts.requests);
    assert.isTrue(manifest.relations.some(({ name }) => name.startsWith('corpus.')));
  });

  test('is not made of WAL with a flipped byte: the CRC and the LSN are named', async ({ assert }) => {
    const { path, offset, lsn } = await someRecord();
    // Behind the header: no field is out of its range, so that the CRC alone can tell.
    const damage = async (): Promise<void> => {
      const bytes = await readFile(path);
      const at = offset + 24;
      bytes[at] = (bytes[at] ?? 0) ^ 0x01;
      await writeFile(path, bytes);
    };
    await withDamage(path, damage, async () => {
      const [kind, code, message] = await failure();
      assert.deepEqual([kind, code], ['infrastructure', 'wal-corrupt-crc']);
      assert.include(message, `LSN ${formatLsn(lsn)}`);
    });
  });

  test('is not made of WAL that ends early: cut off, zeros, or a segment gone', async ({ assert }) => {
    const { path, offset } = await someRecord();
    const cutAt = Math.floor(offset / pageSizeBytes) * pageSizeBytes;
    await withDamage(
      path,
      () => truncate(path, cutAt),
      async () => {
        assert.deepEqual((await failure()).slice(0, 2), ['infrastructure', 'wal-ends-early']);
      },
    );
    const zeroTail = async (): Promise<void> => {
      const bytes = await readFile(path);
      await writeFile(path, bytes.fill(0, offset));
    };
    await withDamage(path, zeroTail, async () => {
      assert.deepEqual((await failure()).slice(0, 2), ['infrastructure', 'wal-ends-early']);
    });
    const empty = join(scratch.path, 'no-wal');
    await mkdir(empty);
    assert.deepEqual((await failure({ walDirectory: empty })).slice(0, 2), [
      'infrastructure',
      'wal-ends-early',
    ]);
    const beyond = capture.endLsn + capture.walSegmentSizeBytes;
    assert.deepEqual((await failure({ endLsn: beyond })).slice(0, 2), ['infrastructure', 'wal-ends-early']);
  });

  test('is not made of the WAL or the base of another cluster', async ({ assert }) => {
    const [kind, code, message] = await failure({ systemIdentifier: '42' });
    assert.deepEqual([kind, code], ['infrastructure', 'wal-corrupt-page-header']);
    assert.match(message, /xlp_sysid/);
    const other = join(scratch.path, 'other-cluster');
    await ownInitdb(host, major, other);
    const [baseKind, baseCode] = await failure({ baseDirectory: other });
    assert.equal(baseKind, 'infrastructure');
    assert.include(['lineage-without-base', 'oracle-unexplained'], baseCode);
  });

  test('is not made when recovery changed a page that no record touches', async ({ assert }) => {
    const directory = newDirectory();
    await tapeOfCapture(capture, directory);
    const { index } = Tape.open(directory);
    const touched = new Set([...index].map(({ key }) => `${String(key.dbOid)}/${String(key.relNumber)}`));
    using pages = new DataDirectoryPages(capture.oracleDirectory);
    const fork = pages
      .forks()
      .find(
        ({ dbOid, relNumber, forkNumber, blocks }) =>
          dbOid !== 0 &&
          forkNumber === 0 &&
          blocks > 1 &&
          !touched.has(`${String(dbOid)}/${String(relNumber)}`),
      );
    assert.isDefined(fork);
    const path = join(capture.oracleDirectory, 'base', String(fork?.dbOid), String(fork?.relNumber));
    const damage = async (): Promise<void> => {
      const bytes = await readFile(path);
      const at = pageSizeBytes + 4000;
      bytes[at] = (bytes[at] ?? 0) ^ 0x80;
      await writeFile(path, bytes);
    };
    await withDamage(path, damage, async () => {
      const [kind, code, message] = await failure();
      assert.deepEqual([kind, code], ['infrastructure', 'oracle-unexplained']);
      assert.include(message, `${String(fork?.relNumber)} main block 1: recovery changed this page`);
    });
  });
});
