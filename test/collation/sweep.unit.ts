import { test } from '@japa/runner';

import { CorpusBuilder, type CollationCorpus, stringAt } from '../../harness/collation/corpus.ts';
import { compareRanks, sweepGround, type SweepResult } from '../../harness/collation/sweep.ts';

type Weight = (text: string) => string;

/** Ranks of a corpus under an order that a test makes up: strings of one weight are equal. */
function ranksBy(corpus: CollationCorpus, weight: Weight): Uint32Array {
  const weights = Array.from({ length: corpus.count }, (_, index) => weight(stringAt(corpus, index)));
  const sorted = weights.toSorted(byCodePoints);
  const first = new Map<string, number>();
  sorted.forEach((each, rank) => {
    if (!first.has(each)) first.set(each, rank);
  });
  return Uint32Array.from(weights, (each) => first.get(each) ?? 0);
}

function byCodePoints(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

const letters = Uint32Array.from('abcdxyz', (letter) => letter.codePointAt(0) ?? 0);

function corpusOf(everyday: readonly string[], own: readonly string[]): CollationCorpus {
  return new CorpusBuilder()
    .addStrings('own', 'own', own)
    .addStrings('words', 'everyday', everyday)
    .addStrings('ASCII', 'systematic', ['aa', 'ab', 'ya', 'yb'])
    .addPattern('alone', letters, (letter) => letter)
    .addPattern('before a', letters, (letter) => `${letter}a`)
    .addPattern('before b', letters, (letter) => `${letter}b`)
    .build();
}

const everyCodePoint = new Uint8Array(0x110000 / 8).fill(0xff);

function sweep(
  everyday: readonly string[],
  from: Weight,
  to: Weight,
  known = everyCodePoint,
  own: readonly string[] = [],
): SweepResult {
  const corpus = corpusOf(everyday, own);
  const ground = sweepGround(
    corpus,
    ranksBy(corpus, (text) => text),
    everyCodePoint,
    known,
  );
  return compareRanks(ground, ranksBy(corpus, from), ranksBy(corpus, to));
}

const byBytes: Weight = (text) => text;
/** `y` and `x` differ only where the rest of the strings is equal. */
const yTertiary: Weight = (text) => `${text.replaceAll('y', 'x')}\u0001${text}`;
/** `y` goes before `b`. */
const yMoved: Weight = (text) => text.replaceAll('y', 'a~');

/** `key 8` goes before `key 7`. */
const keysFlipped: Weight = (text) => (text === 'key 7' ? 'key 9' : text === 'key 8' ? 'key 6' : text);

/** `ab` is equal to `aa`, or goes before it. */
const joined: Weight = (text) => (text === 'ab' ? 'aa' : text);
const parted: Weight = (text) => (text === 'ab' ? 'A' : text);

function equalities(from: Weight, to: Weight): readonly (readonly string[])[] {
  return sweep([], from, to)
    .examples.filter(({ kind }) => kind === 'equality')
    .map(({ left, right, from: before, to: after }) => [left.text, before, right.text, after]);
}

/** What is found among own strings of which two keys change places. */
function keys(...own: readonly string[]): SweepResult {
  return sweep([], byBytes, keysFlipped, everyCodePoint, own);
}

test.group('compareRanks', () => {
  test('finds nothing between two sides that agree', ({ assert }) => {
    assert.containSubset(sweep(['word'], byBytes, byBytes), {
      order: 'same',
      equality: 'same',
      codePointsMoved: 0,
      assignedInBothMoved: 0,
      examples: [],
      classes: [
        { name: 'ASCII', order: 'same' },
        { name: 'Latin-1', order: 'same' },
      ],
    });
  });

  test('names the code point that moved, and the most everyday pair', ({ assert }) => {
    const result = sweep(['yes', 'no', 'anew'], byBytes, yMoved);
    assert.containSubset(result, {
      order: 'changed',
      codePointsMoved: 1,
      assignedInBothMoved: 1,
      scripts: { Latin: 1 },
      everydayStrings: 3,
      everydayMoved: 1,
    });
    const [everyday] = result.examples;
    assert.deepEqual(everyday, {
      kind: 'everyday',
      left: { text: 'no', codePoints: ['U+006E', 'U+006F'] },
      right: { text: 'yes', codePoints: ['U+0079', 'U+0065', 'U+0073'] },
      from: '<',
      to: '>',
    });
    const smallest = result.examples.find(({ kind }) => kind === 'smallest');
    assert.deepEqual([smallest?.left.text, smallest?.right.text], ['b', 'y']);
  });

  test('says of ASCII that it is not safe when ASCII moves', ({ assert }) => {
    assert.containSubset(sweep([], byBytes, yMoved).classes, [{ name: 'ASCII', order: 'changed' }]);
  });

  test('says of ASCII that it is safe when only other text moves', ({ assert }) => {
    const result = sweep(['é', 'ž', 'z'], byBytes, (text) => text.replaceAll('é', '\u{1F600}'));
    assert.equal(result.order, 'changed');
    assert.containSubset(result.classes, [
      { name: 'ASCII', order: 'same' },
      { name: 'Latin-1', order: 'same' },
    ]);
  });

  test("tells the user's own strings apart, and shows them first", ({ assert }) => {
    const own = ['yes', 'no', 'zoo', 'ab', 'ad'];
    const result = sweep(['yes', 'no'], byBytes, yMoved, everyCodePoint, own);
    assert.deepEqual(result.own, { strings: 5, moved: 1, otherEquals: 0 });
    assert.equal(result.everydayStrings, 2);
    assert.deepEqual(
      result.examples.slice(0, 2).map(({ kind, left, right }) => [kind, left.text, right.text]),
      [
        ['own', 'no', 'yes'],
        ['everyday', 'no', 'yes'],
      ],
    );
    assert.isNull(sweep(['yes', 'no'], byBytes, yMoved).own);
    assert.deepEqual(sweep([], byBytes, joined, everyCodePoint, ['aa', 'ab', 'b']).own, {
      strings: 3,
      moved: 0,
      otherEquals: 2,
    });
  });

  test('says of ASCII that it is not safe when nothing but own text shows it', ({ assert }) => {
    assert.containSubset(keys('key 7', 'key 8').classes, [{ name: 'ASCII', order: 'changed' }]);
    assert.containSubset(keys('key 7', 'other').classes, [{ name: 'ASCII', order: 'same' }]);
  });

  test('own strings with a code point that is new to one side are no news of known ones', ({ assert }) => {
    const known = everyCodePoint.slice();
    known[0x79 >> 3] = (known[0x79 >> 3] ?? 0) & ~(1 << (0x79 & 7));
    const { own, equalityStrings } = sweep([], byBytes, (text) => text.replaceAll('y', 'n'), known, [
      'my',
      'mn',
    ]);
    assert.deepEqual([own?.otherEquals, equalityStrings], [2, 0]);
  });

  test('a weight that only counts when nothing else differs moves its letter all the same', ({ assert }) => {
    const result = sweep([], byBytes, yTertiary);
    assert.equal(result.order, 'changed');
    assert.equal(result.assignedInBothMoved, 1);
  });

  test('keeps code points that are new to one side apart', ({ assert }) => {
    const known = everyCodePoint.slice();
    known[0x79 >> 3] = (known[0x79 >> 3] ?? 0) & ~(1 << (0x79 & 7));
    const result = sweep([], byBytes, yMoved, known);
    assert.containSubset(result, { order: 'changed', codePointsMoved: 1, assignedInBothMoved: 0 });
  });

  test('tells equality from order', ({ assert }) => {
    // Nothing lies between the two: the tie-break by bytes keeps their order.
    const result = sweep([], byBytes, (text) => (text === 'ab' ? 'aa' : text));
    assert.containSubset(result, { order: 'same', equality: 'changed', equalityStrings: 4 });
    assert.deepEqual(
      result.examples.map(({ kind, left, right, from, to }) => [kind, left.text, right.text, from, to]),
      [['equality', 'aa', 'ab', '<', '=']],
    );
  });

  test('strings that part, or meet, are shown as they compare on the other side', ({ assert }) => {
    assert.deepEqual(equalities(joined, parted), [['aa', '=', 'ab', '>']]);
    assert.deepEqual(equalities(parted, joined), [['ab', '<', 'aa', '=']]);
  });
});
