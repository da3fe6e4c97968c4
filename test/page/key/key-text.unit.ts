import { test } from '@japa/runner';

import { keyTexts, keyTextWords } from '../../../harness/page/key/key-text.ts';

/** A varlena with a header of one byte. */
function short(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([((bytes.length + 1) << 1) | 1]), bytes]);
}

/** A varlena with a header of four bytes. */
function long(text: string): Buffer {
  const bytes = Buffer.from(text);
  const header = Buffer.alloc(4);
  header.writeUInt32LE((bytes.length + 4) << 2);
  return Buffer.concat([header, bytes]);
}

function padded(...parts: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(parts);
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 7)]);
}

function textsOf(key: Buffer): readonly string[] | undefined {
  return keyTexts(key)?.map(({ text }) => text);
}

test.group('texts of an index key', () => {
  test('are read one behind the other, short and long, with their code points', ({ assert }) => {
    const longText = 'ß'.repeat(100);
    assert.deepEqual(textsOf(padded(short('Zoë'))), ['Zoë']);
    assert.deepEqual(textsOf(padded(short('aa'), short('b'))), ['aa', 'b']);
    assert.deepEqual(textsOf(padded(short('abc'), long(longText))), ['abc', longText]);
    assert.deepEqual(keyTexts(padded(short('e\u0301😀')))?.[0]?.codePoints, ['U+0065', 'U+0301', 'U+1F600']);
  });

  test('are not seen in numbers, broken UTF-8, compressed data or what is cut off', ({ assert }) => {
    const int4 = Buffer.alloc(8);
    int4.writeInt32LE(5);
    for (const key of [
      int4,
      Buffer.alloc(8),
      Buffer.alloc(0),
      padded(Buffer.from([0x07, 0xff, 0xfe])),
      Buffer.from([0x41, 0x61, 0x62]),
      Buffer.from([0x01, 0x12, 0, 0]),
      Buffer.from([0x02, 0x02, 0, 0, 0x61]),
      padded(short('abc')).subarray(0, 3),
      Buffer.from([0xfc, 0xff, 0, 0, 0x61]),
    ])
      assert.isUndefined(textsOf(key), key.toString('hex'));
  });

  test('are shown so that nothing in them moves the rest of the line', ({ assert }) => {
    const words = keyTextWords(keyTexts(padded(short('a\u202Eb'))) ?? []);
    assert.equal(words, '"a<U+202E>b" U+0061 U+202E U+0062');
  });
});
