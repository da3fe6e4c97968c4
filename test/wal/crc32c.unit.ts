import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { crc32c, recordCrc32c } from '../../harness/wal/crc32c.ts';
import { allocateWords } from '../../harness/wal/words.ts';
import { buildRecord, slowCrc32c } from './wal-builder.ts';

test.group('crc32c', () => {
  test('has the check value and the examples of RFC 3720', ({ assert }) => {
    assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
    assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa);
    assert.equal(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43);
    assert.equal(crc32c(Buffer.alloc(0)), 0);
  });

  test('agrees with the bit-by-bit way on any stretch of any bytes', ({ assert }) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), fc.nat(200), (bytes, one, two) => {
        const start = Math.min(one, two, bytes.length);
        const end = Math.min(Math.max(one, two), bytes.length);
        assert.equal(crc32c(bytes, start, end), slowCrc32c(bytes.subarray(start, end)));
      }),
    );
  });

  test('of a record leaves its own field out', ({ assert }) => {
    const record = buildRecord({ rmgrId: 0, main: Buffer.from('some data') });
    assert.equal(crcAt(record, 0), record.readUInt32LE(20));
    record.writeUInt32LE(0, 20);
    assert.notEqual(crcAt(record, 0), 0);
  });

  test('of a record agrees with the bit-by-bit way, whatever its length and its place', ({ assert }) => {
    for (let length = 0; length < 70; length++) {
      const record = buildRecord({ rmgrId: 0, main: Buffer.alloc(length, length + 1) });
      const parts = [record.subarray(24), record.subarray(0, 20)];
      for (const offset of [0, 4, 8, 16]) {
        assert.equal(crcAt(record, offset), slowCrc32c(Buffer.concat(parts)), `${length} at ${offset}`);
      }
    }
  });
});

/** The CRC of the record when it lies at `offset` of a buffer, other bytes around it. */
function crcAt(record: Buffer, offset: number): number {
  const { bytes, words } = allocateWords(offset + record.length + 8);
  record.copy(bytes.fill(0xee), offset);
  return recordCrc32c(bytes, words, offset, record.length);
}
