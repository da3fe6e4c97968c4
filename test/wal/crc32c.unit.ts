import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { crc32c, recordCrc32c } from '../../harness/wal/crc32c.ts';
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
    assert.equal(recordCrc32c(record, 0, record.length), record.readUInt32LE(20));
    record.writeUInt32LE(0, 20);
    assert.notEqual(recordCrc32c(record, 0, record.length), 0);
  });
});
