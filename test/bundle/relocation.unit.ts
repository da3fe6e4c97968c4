import { test } from '@japa/runner';

import { relocate } from '../../harness/bundle/reference/relocation.ts';
import { codeOf } from '../support/error-code.ts';

test.group('relocate', () => {
  const from = '/usr/lib/locale';
  const to = '/storage/v15/lc';

  test('replaces the path and what lies below it, and moves nothing', ({ assert }) => {
    const bytes = Buffer.from(`a\0${from}\0b${from}/locale-archive\0${from}s\0`);
    const result = relocate(bytes, from, to, 'locale');
    assert.equal(result.toString(), `a\0${to}\0b${to}/locale-archive\0${from}s\0`);
    assert.lengthOf(result, bytes.length);
  });

  test('refuses a path of another length, and a program without the path', ({ assert }) => {
    const bytes = Buffer.from(`${from}\0`);
    assert.equal(
      codeOf(() => relocate(bytes, from, '/x', 'locale')),
      'relocation-failed',
    );
    assert.equal(
      codeOf(() => relocate(Buffer.from('nothing'), from, to, 'locale')),
      'relocation-failed',
    );
    assert.equal(
      codeOf(() => relocate(Buffer.from(`${from}s\0`), from, to, 'locale')),
      'relocation-failed',
    );
  });
});
