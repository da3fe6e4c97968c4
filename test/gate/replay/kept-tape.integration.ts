import { test } from '@japa/runner';

import { referenceMajors } from '../../../harness/bundle/reference/build.ts';
import { openKeptTape } from '../../../harness/gate/replay/kept-tape.ts';
import { readRequestRecords } from '../../../harness/redo/request/request-records.ts';
import { decodeRecord } from '../../../harness/wal/decode.ts';
import { rawRecordFromBytes } from '../../../harness/wal/raw-record.ts';

test.group('the kept tape of a contract', () => {
  test('of {$self} holds nothing in which sound bundles differ')
    .with([...referenceMajors])
    .run(async ({ assert }, major) => {
      const tape = await openKeptTape(major, { flavour: 'vanilla' });
      assert.equal(tape.manifest.major, major);
      assert.isAbove(tape.index.length, 40);
      assert.isAbove(tape.manifest.counts.judged, 40);
      for (const request of tape.index) {
        assert.include([0, 1, 3], request.key.forkNumber);
        for (const { bytes, endLsn } of readRequestRecords(tape.readRequest(request)).records) {
          const { blocks } = decodeRecord(rawRecordFromBytes(bytes, endLsn), major);
          for (const { image } of blocks)
            assert.isFalse(image?.compression === 'lz4' || image?.compression === 'zstd');
        }
      }
    });

  test('is not replayed through a bundle of another flavour, and is not there for every major', async ({
    assert,
  }) => {
    assert.equal((await openKeptTape(17, { flavour: 'unknown' })).manifest.major, 17);
    await assert.rejects(
      () => openKeptTape(17, { flavour: 'neon' }),
      /carries WAL of the flavour vanilla, the bundle is neon/,
    );
    await assert.rejects(() => openKeptTape(13, { flavour: 'vanilla' }), /no tape of PostgreSQL 13 is kept/);
  });
});
