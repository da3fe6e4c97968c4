import { join } from 'node:path';
import { test } from '@japa/runner';

import { readRequestRecords } from '../../harness/redo/request/request-records.ts';
import { Tape } from '../../harness/redo/tape/tape.ts';
import { isRecordOfMajor } from '../../harness/wal/record-major.ts';
import { walMajors } from '../../harness/wal/wal-format.ts';

/** The records of the kept tape of a major. */
function recordsOf(major: number) {
  const tape = Tape.open(join(import.meta.dirname, '../../corpora/tapes', `pg${String(major)}`));
  return [...tape.index].flatMap((request) => readRequestRecords(tape.readRequest(request)).records);
}

/** 17 and 18 write all kinds in these tapes in the same way. */
const expected = new Map([
  [14, [14]],
  [15, [15]],
  [16, [16]],
  [17, [17, 18]],
  [18, [17, 18]],
]);

test.group('isRecordOfMajor', () => {
  for (const [major, majors] of expected) {
    test(`tells real records of ${String(major)} from those of others`, ({ assert }) => {
      const records = recordsOf(major);
      assert.isAbove(records.length, 1000);
      const fitting = walMajors.filter((each) =>
        records.every(({ bytes, endLsn }) => isRecordOfMajor(bytes, endLsn, each)),
      );
      assert.deepEqual(fitting, majors);
    });
  }

  test('is false for what no major writes, and leaves extensions their kinds', ({ assert }) => {
    const [record] = recordsOf(17);
    if (record === undefined) throw new Error('the tape has no record');
    assert.isTrue(isRecordOfMajor(record.bytes, record.endLsn, 17));
    assert.isFalse(isRecordOfMajor(record.bytes.subarray(0, 20), record.endLsn, 17));
    const strange = Buffer.from(record.bytes);
    strange.writeUInt8(99, 17);
    assert.isFalse(isRecordOfMajor(strange, record.endLsn, 17));
    strange.writeUInt8(134, 17);
    assert.isTrue(isRecordOfMajor(strange, record.endLsn, 17));
  });
});
