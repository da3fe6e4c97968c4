import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { readHeapRows, type Column } from '../../harness/page/heap-tuple.ts';
import { buildPage, heapTuple, type HeapTupleSpec } from './page-builder.ts';

const columns: readonly Column[] = [
  { name: 'oid', type: 'oid' },
  { name: 'relname', type: 'name' },
  { name: 'flag', type: 'bool' },
  { name: 'letter', type: 'char' },
  { name: 'number', type: 'int4' },
  { name: 'short', type: 'text' },
  { name: 'long', type: 'text' },
];

const long = 'x'.repeat(200);
/** oid 42, name, true, 'c', two bytes of padding, -7, a short varlena, and a long one at a multiple of four. */
const data = Buffer.concat([
  Buffer.from([42, 0, 0, 0]),
  Buffer.from('pg_thing'.padEnd(64, '\0')),
  Buffer.from([1, 0x63, 0, 0]),
  Buffer.from([0xf9, 0xff, 0xff, 0xff]),
  Buffer.from([(1 + 3) * 2 + 1]),
  Buffer.from('abc'),
  Buffer.from([(204 * 4) & 0xff, (204 * 4) >> 8, 0, 0]),
  Buffer.from(long),
]);
const whole = { oid: 42, relname: 'pg_thing', flag: true, letter: 'c', number: -7, short: 'abc', long };

function rowsOf(...tuples: readonly HeapTupleSpec[]): ReturnType<typeof readHeapRows> {
  return readHeapRows(buildPage({ tuples: tuples.map((spec) => ({ bytes: heapTuple(spec) })) }), columns);
}

test.group('readHeapRows', () => {
  test('reads every type, aligned as the server aligns it', ({ assert }) => {
    assert.deepEqual(rowsOf({ data, infomask2: 7 }), [whole]);
  });

  test('reads nulls from the bitmap, and columns that a tuple has not as null', ({ assert }) => {
    const withoutFlag = Buffer.concat([
      data.subarray(0, 68),
      Buffer.from([0x63, 0, 0, 0]),
      data.subarray(72, 76),
    ]);
    assert.deepEqual(rowsOf({ data: withoutFlag, infomask2: 5, bitmap: Buffer.from([0b11011]) }), [
      { ...whole, flag: null, short: null, long: null },
    ]);
  });

  test('leaves out rows that were deleted or never committed, and keeps those that are only locked', ({
    assert,
  }) => {
    const rows = rowsOf(
      { data, infomask2: 7, xmax: 731 },
      { data, infomask2: 7, xmax: 731, infomask: 0x0400 },
      { data, infomask2: 7, infomask: 0x0200 },
      { data, infomask2: 7, xmax: 731, infomask: 0x0800 },
      { data, infomask2: 7, xmax: 731, infomask: 0x0080 },
      { data, infomask2: 7, infomask: 0x0300 },
    );
    assert.lengthOf(rows, 3);
  });

  test('what is cut off, compressed or out of line is undefined, and so is what follows', ({ assert }) => {
    const [cutOff] = rowsOf({ data: data.subarray(0, 70), infomask2: 7 });
    assert.deepInclude(cutOff, { oid: 42, flag: true, letter: 'c', number: undefined, long: undefined });
    const compressed = Buffer.from(data);
    compressed[80] = (compressed[80] ?? 0) | 2;
    assert.deepInclude(rowsOf({ data: compressed, infomask2: 7 })[0], { short: 'abc', long: undefined });
    const external = Buffer.from(data);
    external[76] = 1;
    assert.deepInclude(rowsOf({ data: external, infomask2: 7 })[0], {
      number: -7,
      short: undefined,
      long: undefined,
    });
  });

  test('copes with any bytes', () => {
    const page = buildPage({ tuples: [{ bytes: heapTuple({ data, infomask2: 7 }) }] });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.oneof(fc.nat(40), fc.integer({ min: 7880, max: 8191 })), fc.nat(255)), {
          maxLength: 12,
        }),
        (changes) => {
          const changed = Buffer.from(page);
          for (const [at, byte] of changes) changed[at] = byte;
          readHeapRows(changed, columns);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
