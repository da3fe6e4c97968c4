import { test } from '@japa/runner';

import { databaseOptions, literal, proofCollations } from '../../../harness/readback/proof/proof-locale.ts';
import { orderChange } from '../../../harness/readback/proof/server-order.ts';
import { casedStrings, sortedStrings } from '../../../harness/readback/proof/proof-strings.ts';

test.group('the order of two servers', () => {
  test('says what moves, and how many go past a string', ({ assert }) => {
    const { moved, crossing } = orderChange(Uint32Array.of(3, 0, 1, 2), Uint32Array.of(0, 1, 3, 2));
    assert.deepEqual([...moved], [3]);
    assert.deepEqual([0, 1, 2, 3].map(crossing), [1, 1, 0, 2]);
  });
});

test.group('the locale of a proof', () => {
  test('becomes a database of {provider} {locale}')
    .with([
      { provider: 'libc', locale: 'C.UTF-8', options: "LOCALE_PROVIDER libc LOCALE 'C.UTF-8'" },
      { provider: 'icu', locale: 'root', options: "LOCALE_PROVIDER icu ICU_LOCALE 'und' LOCALE 'C'" },
      {
        provider: 'builtin',
        locale: 'C.UTF-8',
        options: "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'",
      },
    ] as const)
    .run(({ assert }, { provider, locale, options }) => {
      assert.equal(databaseOptions({ provider, locale }), options);
    });

  test('ICU gets a collation for searching, too: {locale}')
    .with([
      { locale: 'und', loose: 'und-u-ks-level1' },
      { locale: 'de-u-co-phonebk', loose: 'de-u-co-phonebk-ks-level1' },
      { locale: 'und-u-ks-level2', loose: 'und-u-ks-level2' },
    ])
    .run(({ assert }, { locale, loose }) => {
      const [, other] = proofCollations({ provider: 'icu', locale });
      assert.equal(
        other?.create,
        `CREATE COLLATION proof_loose (provider = icu, locale = '${loose}', deterministic = false)`,
      );
      assert.lengthOf(proofCollations({ provider: 'libc', locale: 'sv_SE.utf8' }), 1);
    });

  test('strings are quoted for SQL', ({ assert }) => {
    assert.equal(literal("O'Connor"), "'O''Connor'");
    assert.equal(literal(String.raw`a\b'`), String.raw`E'a\\b'''`);
  });

  test('what moves comes first, the rest evenly, and a mover parts the tables', ({ assert }) => {
    const candidates = ['m', ...Array.from({ length: 9999 }, (_, index) => `w${String(index + 1)}`)];
    const { strings, moved, pivot } = sortedStrings(candidates, {
      moved: new Set([5, 7000]),
      crossing: () => 0,
    });
    assert.deepEqual(strings.slice(0, 2), ['w5', 'w7000']);
    assert.deepEqual([strings.length, new Set(strings).size, moved, pivot], [3000, 3000, 2, 'w5']);
    // Where something goes past it, the middle does.
    const crossed = sortedStrings(candidates, {
      moved: new Set([5]),
      crossing: (number) => (number === 0 ? 3 : 0),
    });
    assert.equal(crossed.pivot, 'm');
  });

  test('words of changed letters hold both forms, and no half characters', ({ assert }) => {
    const words = casedStrings([{ codePoint: 'U+2C2F', character: 'Ⱟ', what: 'lower', from: 'Ⱟ', to: 'ⱟ' }]);
    assert.includeMembers([...words], ['Ⱟ', 'ⱟb', 'aⱟ', 'ß', 'nice Ⱟt']);
    assert.equal(new Set(words).size, words.length);
  });
});
