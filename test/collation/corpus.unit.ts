import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { codePointsOf, countCodePoints, hasCodePoint } from '../../harness/collation/code-point-set.ts';
import { CorpusBuilder, stringAt } from '../../harness/collation/corpus.ts';
import { readCanaries, readNames } from '../../harness/collation/stored-strings.ts';
import { sweepCorpus } from '../../harness/collation/sweep-corpus.ts';
import { stringsOfClass } from '../../harness/collation/text-class.ts';

/** A set of code points as the probe answers it. */
function bitsOf(...characters: readonly string[]): Uint8Array {
  const bits = new Uint8Array(0x110000 / 8);
  for (const character of characters) {
    const codePoint = character.codePointAt(0) ?? 0;
    bits[codePoint >> 3] = (bits[codePoint >> 3] ?? 0) | (1 << (codePoint & 7));
  }
  return bits;
}

test.group('CorpusBuilder', () => {
  test('gives back every string that it was given', ({ assert }) => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (strings) => {
        const corpus = new CorpusBuilder().addStrings('all', 'systematic', strings).build();
        const expected = strings.filter((text) => !text.includes('\0'));
        assert.equal(corpus.count, expected.length);
        assert.deepEqual(
          expected.map((_, index) => stringAt(corpus, index)),
          expected,
        );
        assert.equal(corpus.offsets[corpus.count], corpus.bytes.length);
      }),
    );
  });

  test('grows', ({ assert }) => {
    const strings = Array.from({ length: 200_000 }, (_, number) => `string ${String(number)}`);
    const corpus = new CorpusBuilder().addStrings('many', 'systematic', strings).build();
    assert.equal(stringAt(corpus, 199_999), 'string 199999');
  });

  test('knows what each string of a pattern is about', ({ assert }) => {
    const corpus = new CorpusBuilder()
      .addStrings('words', 'everyday', ['word'])
      .addPattern('after a', Uint32Array.of(0x1f600, 0x62), (character) => `a${character}`)
      .build();
    assert.deepEqual(
      [0, 1, 2].map((index) => stringAt(corpus, index)),
      ['word', 'a😀', 'ab'],
    );
    assert.deepEqual([...(corpus.sections[1]?.subjects ?? [])], [0x1f600, 0x62]);
    assert.deepEqual([...corpus.sectionOf], [0, 1, 1]);
  });
});

test.group('sweepCorpus', () => {
  test('has every code point in every pattern, letters first', async ({ assert }) => {
    const corpus = await sweepCorpus(bitsOf('\u0001', '!', 'b', 'ż', '李', '😀'));
    const section = (name: string): readonly string[] => {
      const { begin, end } = corpus.sections.find((each) => each.name === name) ?? { begin: 0, end: 0 };
      return Array.from({ length: end - begin }, (_, step) => stringAt(corpus, begin + step));
    };
    assert.deepEqual(section('alone'), ['b', '!', 'ż', '李', '😀', '\u0001']);
    assert.deepEqual(section('after a'), ['ab', 'a!', 'aż', 'a😀', 'a\u0001']);
    assert.deepEqual(section('with U+FE0F'), ['😀\uFE0F']);
  });

  test('is the same every time', async ({ assert }) => {
    const [one, other] = [await sweepCorpus(bitsOf('a')), await sweepCorpus(bitsOf('a'))];
    assert.isTrue(Buffer.from(one.bytes).equals(Buffer.from(other.bytes)));
  });
});

test.group('what is stored', () => {
  test('canaries are pairs of different strings, each with what it shows', async ({ assert }) => {
    const canaries = await readCanaries();
    assert.isAbove(canaries.length, 40);
    for (const { left, right, shows } of canaries) {
      assert.notEqual(left, right);
      assert.isNotEmpty(shows);
    }
  });

  test('names are in many scripts', async ({ assert }) => {
    const names = await readNames();
    assert.includeMembers([...names], ['Schweden', 'スウェーデン', 'Zviedrija', '瑞典']);
  });
});

test.group('text classes and sets', () => {
  test('a string is of a class when all of it is', ({ assert }) => {
    const strings = ['plain', 'naïve', 'Āda', 'tab\t', '\u0085', 'ÿ', ''];
    const corpus = new CorpusBuilder().addStrings('all', 'systematic', strings).build();
    const texts = (indexes: Uint32Array): readonly string[] =>
      [...indexes].map((index) => strings[index] ?? '?');
    assert.deepEqual(texts(stringsOfClass(corpus, 'ASCII')), ['plain', 'tab\t', '']);
    assert.deepEqual(texts(stringsOfClass(corpus, 'Latin-1')), ['plain', 'naïve', 'tab\t', 'ÿ', '']);
  });

  test('a set of code points has what it was made of', ({ assert }) => {
    const bits = bitsOf('a', '\u{10FFFD}', '\u0008');
    assert.deepEqual([...codePointsOf(bits)], [8, 0x61, 0x10fffd]);
    assert.equal(countCodePoints(bits), 3);
    assert.isFalse(hasCodePoint(bits, 0x62));
  });
});
