import { test } from '@japa/runner';

import { counted, shownKey, shownKeys } from '../../harness/readback/shown-keys.ts';

test.group('shown keys', () => {
  test('{key} is shown as {shown}')
    .with([
      { key: 'Adams', shown: '"Adams"' },
      { key: '😀 web', shown: '"😀 web" (U+1F600)' },
      { key: 'é\u0301é', shown: '"é\u0301é" (U+00E9 U+0301)' },
      // A lone mark or a control character would spoil the line.
      { key: '\u0301', shown: '(U+0301)' },
      { key: 'a\u0007', shown: '(U+0007)' },
      { key: 'a\n', shown: '(U+000A)' },
      { key: null, shown: 'NULL' },
      { key: '', shown: '""' },
      { key: 'x'.repeat(41), shown: `"${'x'.repeat(40)}..."` },
    ])
    .run(({ assert }, { key, shown }) => {
      assert.equal(shownKey(key), shown);
    });

  test('shows three keys at most, and counts in words', ({ assert }) => {
    assert.equal(shownKeys(['a', 'b', 'c', 'd']), '"a", "b", "c"');
    assert.equal(counted(1, 'row'), '1 row');
    assert.equal(counted(3411, 'row'), '3,411 rows');
  });
});
