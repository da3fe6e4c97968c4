import { test } from '@japa/runner';

import { parseLocalesInUse } from '../../harness/collation/locale-in-use.ts';

function parse(typed: string): readonly string[] {
  return parseLocalesInUse('--locales', typed).map(({ provider, locale }) => `${provider} ${locale}`);
}

test.group('parseLocalesInUse', () => {
  test('tells by the name whose locale it is', ({ assert }) => {
    assert.deepEqual(parse('C.utf8, sv_SE.UTF-8,de_DE@euro,C,und,sv,zh-Hans,de-u-co-phonebk'), [
      'libc C.UTF-8',
      'libc sv_SE.UTF-8',
      'libc de_DE@euro',
      'libc C',
      'icu und',
      'icu sv',
      'icu zh-Hans',
      'icu de-u-co-phonebk',
    ]);
  });

  test('takes a word for whose it is, and each once', ({ assert }) => {
    assert.deepEqual(parse('icu:de_AT,builtin:C.UTF-8,libc:swedish,und,root'), [
      'icu de-AT',
      'builtin C.UTF-8',
      'libc swedish',
      'icu und',
    ]);
  });

  for (const typed of ['', ' , ', 'glib:de', 'de DE', '../etc', 'icu:'])
    test(`refuses "${typed}"`, ({ assert }) => {
      assert.throws(() => parse(typed), /--locales/);
    });
});
