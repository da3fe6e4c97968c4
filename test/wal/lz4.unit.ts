import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { decompressLz4 } from '../../harness/wal/lz4.ts';
import { compressLz4 } from './lz4-writer.ts';

/** Bytes with many repetitions, near and far. */
const repetitive = fc
  .array(fc.tuple(fc.uint8Array({ maxLength: 12 }), fc.integer({ min: 1, max: 60 })), { maxLength: 12 })
  .map((runs) => Buffer.concat(runs.flatMap(([bytes, times]) => Array.from({ length: times }, () => bytes))));

test.group('decompressLz4', () => {
  test('gives back what was compressed', ({ assert }) => {
    fc.assert(
      fc.property(repetitive, (original) => {
        const target = Buffer.alloc(original.length);
        assert.isUndefined(decompressLz4(compressLz4(original), target));
        assert.isTrue(target.equals(original));
      }),
    );
  });

  test('never writes beyond the target and never fails on other bytes', ({ assert }) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 9000 }), (source, size) => {
        const room = Buffer.alloc(size + 8, 0xee);
        decompressLz4(source, room.subarray(0, size));
        assert.equal(room.toString('hex', size), 'ee'.repeat(8));
      }),
    );
  });
});
