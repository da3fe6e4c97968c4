import { test } from '@japa/runner';

import { codesetNamed, encode } from '../../harness/collation/codeset.ts';

/** What iconv makes of a text, in hexadecimal. */
const known = [
  { codeset: 'ISO-8859-1', text: 'Zoë', bytes: '5a6feb' },
  { codeset: 'ISO-8859-15', text: '5 €', bytes: '3520a4' },
  { codeset: 'ISO-8859-2', text: 'Łódź', bytes: 'a3f364bc' },
  { codeset: 'KOI8-R', text: 'Иван', bytes: 'e9d7c1ce' },
  { codeset: 'CP1251', text: 'Иван', bytes: 'c8e2e0ed' },
  { codeset: 'EUC-JP', text: '日本ｱ', bytes: 'c6fccbdc8eb1' },
  { codeset: 'EUC-KR', text: '한국', bytes: 'c7d1b1b9' },
  { codeset: 'GB2312', text: '中国', bytes: 'd6d0b9fa' },
];

test.group('codesetNamed', () => {
  test('writes {text} in {codeset}')
    .with(known)
    .run(({ assert }, { codeset: name, text, bytes }) => {
      const codeset = codesetNamed(name);
      assert.isDefined(codeset);
      if (codeset !== undefined)
        assert.equal(Buffer.from(encode(codeset, text) ?? []).toString('hex'), bytes);
    });

  test('has no bytes for what an encoding lacks', ({ assert }) => {
    const latin1 = codesetNamed('ISO-8859-1');
    assert.equal(latin1?.serverEncoding, 'LATIN1');
    if (latin1 !== undefined) assert.isUndefined(encode(latin1, '5 €'));
  });

  test('UTF-8, and what no server can be in, are none of them', ({ assert }) => {
    for (const name of ['UTF-8', 'GB18030', 'BIG5', 'TIS-620', ''])
      assert.isUndefined(codesetNamed(name), name);
  });
});
