import { test } from '@japa/runner';

import type { LeafEntry } from '../../harness/readback/btree-leaves.ts';
import { compareLeaves } from '../../harness/readback/leaf-comparison.ts';

/** Leaves of two items each; a row is known by the first letter that it had. */
function leaves(keys: readonly string[], rows: readonly string[] = keys): readonly LeafEntry[] {
  return keys.map((key, index) => ({
    block: 1 + Math.floor(index / 2),
    item: 2 + (index % 2),
    row: `(0,${rows[index] ?? ''})`,
    key,
  }));
}

test.group('comparing leaves', () => {
  test('the same order is the same', ({ assert }) => {
    assert.deepEqual(compareLeaves(leaves(['a', 'b', 'c']), leaves(['a', 'b', 'c'])), {
      entries: 3,
      pairsFlipped: 0,
      flips: [],
      keysChanged: 0,
      changes: [],
    });
  });

  test('names leaf, item and keys of neighbours that change places', ({ assert }) => {
    const { pairsFlipped, flips } = compareLeaves(leaves(['😀', 'a', 'b']), leaves(['a', 'b', '😀']));
    assert.equal(pairsFlipped, 1);
    assert.deepEqual(flips, [
      {
        left: {
          row: '(0,😀)',
          key: { text: '😀', codePoints: ['U+1F600'] },
          from: { block: 1, item: 2 },
          to: { block: 2, item: 2 },
        },
        right: {
          row: '(0,a)',
          key: { text: 'a', codePoints: ['U+0061'] },
          from: { block: 1, item: 3 },
          to: { block: 1, item: 2 },
        },
      },
    ]);
  });

  test('shows the plainest pairs, and counts all', ({ assert }) => {
    const { pairsFlipped, flips } = compareLeaves(
      leaves(['é', 'ß', 'b', 'a', 'ö', 'ä', 'ü', 'ç']),
      leaves(['ß', 'é', 'a', 'b', 'ä', 'ö', 'ç', 'ü']),
    );
    assert.equal(pairsFlipped, 4);
    assert.lengthOf(flips, 3);
    assert.deepEqual(flips[0] && [flips[0].left.key.text, flips[0].right.key.text], ['b', 'a']);
  });

  test('a key that is another one now is no change of order', ({ assert }) => {
    const comparison = compareLeaves(leaves(['x', 'y'], ['1', '2']), leaves(['a', 'x'], ['2', '1']));
    assert.deepEqual([comparison.pairsFlipped, comparison.keysChanged], [0, 1]);
    assert.deepEqual(comparison.changes, [
      {
        row: '(0,2)',
        from: { text: 'y', codePoints: ['U+0079'] },
        to: { text: 'a', codePoints: ['U+0061'] },
      },
    ]);
  });

  test('rows that one side alone has, and NULLs, say nothing', ({ assert }) => {
    const from: readonly LeafEntry[] = [
      ...leaves(['b', 'gone']),
      { block: 9, item: 1, row: '(9,9)', key: undefined },
    ];
    assert.equal(compareLeaves(from, leaves(['new', 'b'])).pairsFlipped, 0);
  });
});
