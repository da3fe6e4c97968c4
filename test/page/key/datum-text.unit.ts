import { test } from '@japa/runner';

import { datumText } from '../../../harness/page/key/datum-text.ts';

/* What SELECT writes, by the servers of 14 to 18; explain.integration holds thousands of values of real indexes against them. */

function of(write: (bytes: DataView) => void, lengthBytes: number): Buffer {
  const view = new DataView(new ArrayBuffer(lengthBytes));
  write(view);
  return Buffer.from(view.buffer);
}

const float8 = (value: number): Buffer =>
  of((view) => {
    view.setFloat64(0, value, true);
  }, 8);
const float4 = (value: number): Buffer =>
  of((view) => {
    view.setFloat32(0, value, true);
  }, 4);
const int8 = (value: bigint): Buffer =>
  of((view) => {
    view.setBigInt64(0, value, true);
  }, 8);
const int4 = (value: number): Buffer =>
  of((view) => {
    view.setInt32(0, value, true);
  }, 4);
const day = 86_400_000_000n;

const cases: readonly (readonly [type: string, bytes: Buffer, text: string])[] = [
  ['bool', Buffer.from([1]), 't'],
  ['int2', Buffer.from([0, 0x80]), '-32768'],
  ['int4', int4(-1), '-1'],
  ['oid', int4(-1), '4294967295'],
  ['int8', int8(-(2n ** 63n)), '-9223372036854775808'],
  ['float8', float8(0.1), '0.1'],
  ['float8', float8(-0), '-0'],
  ['float8', float8(1e15), '1e+15'],
  ['float8', float8(999_999_999_999_999), '999999999999999'],
  ['float8', float8(0.0001), '0.0001'],
  ['float8', float8(0.00001), '1e-05'],
  ['float8', float8(Infinity), 'Infinity'],
  ['float8', float8(5e-324), '5e-324'],
  ['float8', float8(2 ** 63), '9.223372036854776e+18'],
  // 1e+23 would be read as this number only by the rounding of a tie.
  ['float8', float8(1e23), '9.999999999999999e+22'],
  ['float4', float4(0.3), '0.3'],
  ['float4', float4(1e6), '1e+06'],
  ['float4', float4(999_999), '999999'],
  // Two decimals are equally near: the even one. One lies between two floats: a digit more.
  ['float4', float4(2_309_145.25), '2.3091452e+06'],
  ['float4', float4(40_995_312), '4.0995312e+07'],
  ['date', int4(0), '2000-01-01'],
  ['date', int4(59), '2000-02-29'],
  ['date', int4(-730_119), '0001-01-01'],
  ['date', int4(-730_120), '0001-12-31 BC'],
  ['date', int4(0x7fff_ffff), 'infinity'],
  ['date', int4(-0x8000_0000), '-infinity'],
  ['timestamp', int8(-1n), '1999-12-31 23:59:59.999999'],
  ['timestamptz', int8(day / 2n), '2000-01-01 12:00:00+00'],
  ['timestamptz', int8(-730_120n * day), '0001-12-31 00:00:00+00 BC'],
  ['time', int8(day), '24:00:00'],
  ['uuid', Buffer.from('00112233445566778899aabbccddeeff', 'hex'), '00112233-4455-6677-8899-aabbccddeeff'],
  ['bytea', Buffer.from([0, 255]), '\\x00ff'],
  ['numeric', Buffer.from('00c0', 'hex'), 'NaN'],
  ['numeric', Buffer.from('00f0', 'hex'), '-Infinity'],
  ['numeric', Buffer.from('0080', 'hex'), '0'],
  ['numeric', Buffer.from('00810100', 'hex'), '1.00'],
  ['numeric', Buffer.from('7fa20a00', 'hex'), '-0.0010'],
];

test.group('the text of a value', () => {
  test('{$self}')
    .with(cases.map(([type, bytes, text]) => ({ type, bytes, text, toString: () => `${type} ${text}` })))
    .run(({ assert }, { type, bytes, text }) => {
      assert.equal(datumText(type, bytes), text);
    });

  test('there is none for a type that is not known, nor for bytes that are no such value', ({ assert }) => {
    assert.isUndefined(datumText('hstore', Buffer.alloc(4)));
    for (const type of ['int4', 'float8', 'uuid', 'date', 'bool', 'timestamptz', 'numeric'])
      assert.isUndefined(datumText(type, Buffer.alloc(type === 'numeric' ? 1 : 3)), type);
    assert.isUndefined(datumText('numeric', Buffer.from('0000', 'hex')));
  });
});
