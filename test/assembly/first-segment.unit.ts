import { test } from '@japa/runner';

import { firstSegment } from '../../harness/assembly/first-segment.ts';
import { decodeRecord } from '../../harness/wal/decode.ts';
import { RecordReader } from '../../harness/wal/record-reader.ts';

const segmentSizeBytes = 1024 * 1024;
const checkpoint = Buffer.from(Array.from({ length: 88 }, (_, index) => index));

test.group('firstSegment', () => {
  for (const major of [14, 15, 16, 17, 18]) {
    test(`holds one checkpoint behind all WAL, which a reader of ${String(major)} accepts`, ({ assert }) => {
      const made = firstSegment({
        major,
        timeline: 3,
        segmentSizeBytes,
        systemIdentifier: 42n,
        afterLsn: 5 * segmentSizeBytes + 77,
        checkpoint,
      });
      assert.equal(made.fileName, '000000030000000000000006');
      assert.equal(made.checkpointLsn, 6 * segmentSizeBytes + 40);
      const segment = Buffer.concat([made.bytes, Buffer.alloc(segmentSizeBytes - made.bytes.length)]);
      const reader = new RecordReader({
        source: (segmentNumber) => (segmentNumber === 6 ? segment : undefined),
        major,
        timeline: 3,
        startLsn: made.checkpointLsn,
        endLsn: made.checkpointLsn + 8,
        segmentSizeBytes,
        systemIdentifier: 42n,
      });
      const raw = reader.next();
      if (raw === undefined) throw new TypeError('no record');
      const decoded = decodeRecord(raw, major);
      assert.deepEqual([decoded.rmgrId, decoded.info, decoded.xid, decoded.prevLsn], [0, 0, 0, 0]);
      const data = raw.bytes.subarray(
        decoded.mainDataOffset,
        decoded.mainDataOffset + decoded.mainDataLength,
      );
      assert.isTrue(data.equals(made.checkpoint));
      assert.equal(Number(made.checkpoint.readBigUInt64LE(0)), made.checkpointLsn);
      assert.isTrue(made.checkpoint.subarray(8).equals(checkpoint.subarray(8)));
      assert.isUndefined(reader.next());
    });
  }
});
