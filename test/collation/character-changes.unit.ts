import { test } from '@japa/runner';

import { type CharacterMap, characterChanges } from '../../harness/collation/character-changes.ts';

/** Bits of every code point of the first two planes, as a server gives them: alphabetic, digit, space, punctuation. */
function characters(
  classes: Readonly<Record<string, number>>,
  lower: Readonly<Record<string, string>> = {},
): CharacterMap {
  const codes = Array.from({ length: 0x1ffff }, (_, index) => index + 1).filter(
    (code) => code < 0xd800 || code > 0xdfff,
  );
  const bits = new Map(
    Object.entries(classes).map(([character, value]) => [character.codePointAt(0), value] as const),
  );
  return {
    lower: new Map(Object.entries(lower).map(([character, other]) => [character.codePointAt(0) ?? 0, other])),
    upper: new Map(),
    classes: codes.map((code) => String.fromCharCode(48 + (bits.get(code) ?? 0))).join(''),
  };
}

test.group('changes of characters', () => {
  test('tells small letters and classes apart, beyond the surrogates, too', ({ assert }) => {
    const changes = characterChanges(
      characters({ a: 1, '😀': 8 }, { A: 'a' }),
      characters({ a: 1, '😀': 9, '\uE000': 4 }, { A: 'a', Ⱟ: 'ⱟ' }),
    );
    assert.deepEqual(changes, [
      { codePoint: 'U+2C2F', character: 'Ⱟ', what: 'lower', from: 'Ⱟ', to: 'ⱟ' },
      { codePoint: 'U+1F600', character: '😀', what: 'alpha', from: 'no', to: 'yes' },
      { codePoint: 'U+E000', character: '\uE000', what: 'space', from: 'no', to: 'yes' },
    ]);
  });

  test('says nothing of what is the same', ({ assert }) => {
    assert.deepEqual(
      characterChanges(characters({ a: 1 }, { A: 'a' }), characters({ a: 1 }, { A: 'a' })),
      [],
    );
  });
});
