import { test } from '@japa/runner';

import { shrinkPair, type StringPair } from '../../harness/collation/shrink-pair.ts';

function shrink(pair: StringPair, fails: (left: string, right: string) => boolean): Promise<StringPair> {
  return shrinkPair(pair, (pairs) => Promise.resolve(pairs.map(([left, right]) => fails(left, right))));
}

test.group('shrinkPair', () => {
  test('leaves what fails, and nothing besides', async ({ assert }) => {
    const pair = await shrink(
      ["Mary O'Connor of 12 Main Street", 'Mary O’Brien of 99 Side Road'],
      (left, right) => left.includes("'") && right.includes('’'),
    );
    assert.deepEqual(pair, ["'", '’']);
  });

  test('makes long strings short, a common beginning and end first', async ({ assert }) => {
    const common = 'x'.repeat(300);
    const pair = await shrink(
      [`${common}é1${common}`, `${common}e2${common}`],
      (left, right) => left.includes('é') && right.includes('e'),
    );
    assert.deepEqual(pair, ['é', 'e']);
  });

  test('keeps characters whole', async ({ assert }) => {
    const [left, right] = await shrink(['team 😀 one', 'team two'], (each) => each.includes('😀'));
    assert.deepEqual([left, right.length], ['😀', 1]);
  });

  test('puts plain characters where any will do', async ({ assert }) => {
    const pair = await shrink(['€€', '‰'], (left) => Array.from(left).length === 2);
    assert.deepEqual(pair, ['aa', 'a']);
  });

  test('a pair that cannot be smaller stays', async ({ assert }) => {
    assert.deepEqual(await shrink(['b', 'c'], () => false), ['b', 'c']);
  });
});
