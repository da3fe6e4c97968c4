import { mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { moveSegments, segmentFileNames, type WalRange } from '../../harness/compute/wal-files.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { rejectionOf } from '../support/error-code.ts';

const mebibyte = 1024 * 1024;

test.group('segmentFileNames', () => {
  test('names every segment from the first to the last', ({ assert }) => {
    const range = { timeline: 1, segmentSizeBytes: 16 * mebibyte };
    assert.deepEqual(segmentFileNames({ ...range, startLsn: 0x1552af8, endLsn: 0x2ffffff }), [
      '000000010000000000000001',
      '000000010000000000000002',
    ]);
    assert.deepEqual(segmentFileNames({ ...range, startLsn: 0xff00_0028, endLsn: 0x1_0000_0028 }), [
      '0000000100000000000000FF',
      '000000010000000100000000',
    ]);
  });

  test('follows segment size and timeline', ({ assert }) => {
    const range = { timeline: 0x1a, segmentSizeBytes: 1024 * mebibyte, startLsn: 0x1_c000_0000 };
    assert.deepEqual(segmentFileNames({ ...range, endLsn: 0x2_0000_0000 }), [
      '0000001A0000000100000003',
      '0000001A0000000200000000',
    ]);
  });
});

test.group('moveSegments', () => {
  const range: WalRange = {
    timeline: 1,
    startLsn: mebibyte,
    endLsn: 2 * mebibyte + 40,
    segmentSizeBytes: mebibyte,
  };
  const [first = '', second = ''] = segmentFileNames(range);

  test('moves the segments of the range and no others', async ({ assert }) => {
    await using directory = await temporaryDirectory('a test');
    const pgWal = join(directory.path, 'pg_wal');
    await mkdir(pgWal);
    for (const name of [first, second, '000000010000000000000003']) {
      await writeFile(join(pgWal, name), Buffer.alloc(mebibyte));
    }
    await moveSegments(directory.path, join(directory.path, 'wal'), range);
    assert.sameMembers(await readdir(join(directory.path, 'wal')), [first, second]);
    assert.deepEqual(await readdir(pgWal), ['000000010000000000000003']);
  });

  test('refuses a range of which a segment is gone or cut', async ({ assert }) => {
    await using directory = await temporaryDirectory('a test');
    const pgWal = join(directory.path, 'pg_wal');
    await mkdir(pgWal);
    await writeFile(join(pgWal, first), Buffer.alloc(mebibyte));
    const gone = await rejectionOf(moveSegments(directory.path, join(directory.path, 'wal'), range));
    assert.equal(gone.code, 'wal-segment-missing');
    assert.include(gone.message, second);

    await writeFile(join(pgWal, first), Buffer.alloc(mebibyte));
    await truncate(join(pgWal, first), mebibyte - 1);
    const cut = await rejectionOf(moveSegments(directory.path, join(directory.path, 'wal'), range));
    assert.equal(cut.code, 'wal-segment-missing');
    assert.include(cut.message, '1048575 of 1048576');
  });
});
