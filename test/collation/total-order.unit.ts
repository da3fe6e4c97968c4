import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { flippedStrings, inverse, movedStrings, totalOrder } from '../../harness/collation/total-order.ts';

/** Ranks as the probe gives them: how many strings come before a string and its equals. */
function ranksOf(weights: readonly number[]): Uint32Array {
  return Uint32Array.from(weights, (weight) => weights.filter((each) => each < weight).length);
}

const twoOrders = fc
  .integer({ min: 1, max: 9 })
  .chain((length) =>
    fc.tuple(
      fc.array(fc.nat(5), { minLength: length, maxLength: length }),
      fc.array(fc.nat(5), { minLength: length, maxLength: length }),
    ),
  );

/** The tests take strings to be numbered in the order of their bytes. */
function places(weights: readonly number[]): Uint32Array {
  return totalOrder(ranksOf(weights), Uint32Array.from(weights.keys()));
}

function isFlipped(from: Uint32Array, to: Uint32Array, one: number, other: number): boolean {
  return (from[one] ?? 0) < (from[other] ?? 0) !== (to[one] ?? 0) < (to[other] ?? 0);
}

test.group('totalOrder', () => {
  test('sorts by rank, and equals by their bytes', ({ assert }) => {
    const ranks = ranksOf([7, 3, 7, 1, 3]);
    assert.deepEqual([...totalOrder(ranks, Uint32Array.of(4, 3, 2, 1, 0))], [4, 2, 3, 0, 1]);
    assert.deepEqual([...totalOrder(ranks, Uint32Array.of(0, 1, 2, 3, 4))], [3, 1, 4, 0, 2]);
  });

  test('is what a comparison sort makes of the same', ({ assert }) => {
    fc.assert(
      fc.property(fc.array(fc.nat(6), { minLength: 1, maxLength: 40 }), (weights) => {
        const sorted = [...weights.keys()].toSorted(
          (one, other) => (weights[one] ?? 0) - (weights[other] ?? 0) || one - other,
        );
        assert.deepEqual([...inverse(places(weights))], sorted);
      }),
    );
  });
});

test.group('movedStrings', () => {
  test('finds nothing where nothing moved', ({ assert }) => {
    const order = Uint32Array.of(2, 0, 1);
    assert.lengthOf(movedStrings(order, inverse(order)), 0);
    assert.lengthOf(movedStrings(new Uint32Array(0), order), 0);
  });

  test('names the one string that moved', ({ assert }) => {
    assert.deepEqual(
      [...movedStrings(Uint32Array.of(0, 1, 2, 3, 4), inverse(Uint32Array.of(0, 2, 3, 4, 1)))],
      [1],
    );
  });

  test('leaves the others in the same order, and no fewer would do', ({ assert }) => {
    fc.assert(
      fc.property(twoOrders, ([before, after]) => {
        const [from, to] = [places(before), places(after)];
        const moved = new Set(movedStrings(inverse(from), to));
        const all = [...before.keys()];
        const isSame = (kept: readonly number[]): boolean =>
          kept.every((one) => kept.every((other) => one === other || !isFlipped(from, to, one, other)));
        assert.isTrue(isSame(all.filter((index) => !moved.has(index))));
        const fewer = subsets(all).filter((kept) => all.length - kept.length < moved.size);
        assert.isFalse(fewer.some(isSame));
      }),
      { numRuns: 60 },
    );
  });
});

test.group('flippedStrings', () => {
  test('marks exactly the strings that are part of a flip', ({ assert }) => {
    fc.assert(
      fc.property(twoOrders, ([before, after]) => {
        const [from, to] = [places(before), places(after)];
        const flipped = flippedStrings(inverse(from), to, before.length);
        const all = [...before.keys()];
        assert.deepEqual(
          [...flipped],
          all.map((one) => Number(all.some((other) => other !== one && isFlipped(from, to, one, other)))),
        );
      }),
    );
  });
});

function subsets(all: readonly number[]): readonly (readonly number[])[] {
  return Array.from({ length: 2 ** all.length }, (_, mask) => all.filter((_each, bit) => (mask >> bit) & 1));
}
