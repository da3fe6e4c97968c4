import { test } from '@japa/runner';

import { codeMeanings } from '../../../harness/report/html/code-meanings.ts';
import { findingCodes } from '../../../harness/verdict/finding-code.ts';

test.group('what a code means', () => {
  test('is told of each, with what to do, and without marks of Markdown', ({ assert }) => {
    const meanings = codeMeanings(findingCodes);
    assert.sameMembers(Object.keys(meanings), [...findingCodes]);
    for (const [code, { meaning, advice }] of Object.entries(meanings)) {
      assert.isNotEmpty(meaning, code);
      assert.isString(advice, code);
      for (const words of [...meaning, advice ?? ''])
        assert.notMatch(words.replaceAll(/`[^`]*`/g, ''), /\n|^#|\]\(|(^|\s)_\w/, code);
    }
  });

  test('is left out of what was not found', ({ assert }) => {
    assert.deepEqual(Object.keys(codeMeanings(['page-lsn', 'no-such-code'])), ['page-lsn']);
  });
});
