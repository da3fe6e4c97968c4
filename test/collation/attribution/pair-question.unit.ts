import { test } from '@japa/runner';

import { comparisonOf } from '../../../harness/collation/attribution/pair-question.ts';

test.group('comparisonOf', () => {
  test("libc's equals are ordered by bytes, libicu's stay equal", ({ assert }) => {
    assert.equal(comparisonOf('libc', ['a', 'b'], [3, 3]), '<');
    assert.equal(comparisonOf('libc', ['b', 'a'], [3, 3]), '>');
    assert.equal(comparisonOf('icu', ['b', 'a'], [3, 3]), '=');
  });

  test('the library decides where it tells them apart', ({ assert }) => {
    assert.equal(comparisonOf('libc', ['b', 'a'], [1, 2]), '<');
    assert.equal(comparisonOf('icu', ['a', 'b'], [9, 2]), '>');
  });
});
