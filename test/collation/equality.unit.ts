import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { equalityChange } from '../../harness/collation/equality.ts';

function all(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, index) => index);
}

test.group('equalityChange', () => {
  test('sees nothing when only the order changes', ({ assert }) => {
    const change = equalityChange(all(4), Uint32Array.of(0, 0, 2, 3), Uint32Array.of(2, 2, 0, 1));
    assert.deepEqual(change, { strings: 0, example: undefined });
  });

  test('names two strings that are no longer equal', ({ assert }) => {
    const change = equalityChange(all(3), Uint32Array.of(0, 0, 2), Uint32Array.of(0, 1, 2));
    assert.deepEqual(change, { strings: 2, example: { left: 0, right: 1, equalIn: 'from' } });
  });

  test('names two strings that have become equal', ({ assert }) => {
    const change = equalityChange(all(3), Uint32Array.of(0, 1, 2), Uint32Array.of(0, 1, 1));
    assert.deepEqual(change, { strings: 2, example: { left: 1, right: 2, equalIn: 'to' } });
  });

  test('looks at the strings that it is given only', ({ assert }) => {
    const change = equalityChange(Uint32Array.of(2, 0), Uint32Array.of(0, 0, 2), Uint32Array.of(0, 1, 2));
    assert.equal(change.strings, 0);
  });

  test('counts a string exactly when its class of equals was split or joined', ({ assert }) => {
    const ranks = fc.array(fc.nat(3), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(ranks, ranks, (from, to) => {
        const indexes = [...from.keys()];
        const isChanged = (one: number): boolean =>
          indexes.some((each) =>
            indexes.some(
              (other) =>
                (from[each] === from[other]) !== (to[each] === to[other]) &&
                (from[each] === from[other] ? from[each] === from[one] : to[each] === to[one]),
            ),
          );
        const change = equalityChange(all(6), Uint32Array.from(from), Uint32Array.from(to));
        assert.equal(change.strings, indexes.filter(isChanged).length);
        assert.equal(change.example === undefined, change.strings === 0);
      }),
    );
  });
});
