import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { decompressPglz } from '../../harness/wal/pglz.ts';
import { compressPglz } from './pglz-writer.ts';

/** Bytes with many repetitions, near and far. */
const repetitive = fc
  .array(fc.tuple(fc.uint8Array({ maxLength: 12 }), fc.integer({ min: 1, max: 60 })), { maxLength: 12 })
  .map((runs) => Buffer.concat(runs.flatMap(([bytes, times]) => Array.from({ length: times }, () => bytes))));

test.group('decompressPglz', () => {
  test('gives back what was compressed', ({ assert }) => {
    fc.assert(
      fc.property(repetitive, (original) => {
        const target = Buffer.alloc(original.length);
        assert.isUndefined(decompressPglz(compressPglz(original), target));
        assert.isTrue(target.equals(original));
      }),
    );
  });

  test('reads a stream written by PostgreSQL', ({ assert }) => {
    // "abcabcabc...": three literals, then one copy of 57 bytes from 3 bytes back.
    const target = Buffer.alloc(60);
    assert.isUndefined(decompressPglz(Buffer.from('0861626 30f0327'.replaceAll(' ', ''), 'hex'), target));
    assert.equal(target.toString(), 'abc'.repeat(20));
  });

  test('never writes beyond the target and never fails on other bytes', ({ assert }) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 9000 }), (source, size) => {
        const room = Buffer.alloc(size + 8, 0xee);
        decompressPglz(source, room.subarray(0, size));
        assert.equal(room.toString('hex', size), 'ee'.repeat(8));
      }),
    );
  });
});
