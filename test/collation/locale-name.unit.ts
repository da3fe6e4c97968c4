import { test } from '@japa/runner';

import {
  canonicalIcuLocale,
  icuBase,
  icuSettings,
  canonicalLibcLocale,
  sameLibcLocale,
} from '../../harness/collation/locale-name.ts';

test.group('names of locales', () => {
  test('{name} is {spelt} to the C library')
    .with([
      { name: 'C.utf8', spelt: 'C.UTF-8' },
      { name: 'de_DE.utf8@euro', spelt: 'de_DE.UTF-8@euro' },
      { name: 'sr_RS@latin', spelt: 'sr_RS@latin' },
      { name: 'ru_RU.koi8r', spelt: 'ru_RU.koi8r' },
      { name: 'eo', spelt: 'eo' },
    ])
    .run(({ assert }, { name, spelt }) => {
      assert.equal(canonicalLibcLocale(name), spelt);
    });

  test('codesets match loosely, all else exactly', ({ assert }) => {
    assert.isTrue(sameLibcLocale('C.utf8', 'C.UTF-8'));
    assert.isTrue(sameLibcLocale('en_US.ISO-8859-15', 'en_US.iso885915'));
    assert.isFalse(sameLibcLocale('en_US', 'en_US.UTF-8'));
    assert.isFalse(sameLibcLocale('sr_RS.UTF-8', 'sr_RS.UTF-8@latin'));
    assert.isFalse(sameLibcLocale('de_DE.UTF-8', 'de_AT.UTF-8'));
  });

  test('{name} is {tag} to libicu')
    .with([
      { name: 'root', tag: 'und' },
      { name: '', tag: 'und' },
      { name: 'und', tag: 'und' },
      { name: 'und-x-icu', tag: 'und' },
      { name: 'und-u-ks-level1', tag: 'und-u-ks-level1' },
      { name: 'de_AT', tag: 'de-AT' },
      { name: 'de-u-co-phonebk', tag: 'de-u-co-phonebk' },
      { name: 'de_AT@collation=phonebook', tag: 'de-AT@collation=phonebook' },
      { name: '@colNumeric=yes', tag: 'und@colNumeric=yes' },
    ])
    .run(({ assert }, { name, tag }) => {
      assert.equal(canonicalIcuLocale(name), tag);
    });

  test("{tag} has libicu's base {base} and settings {settings}")
    .with([
      { tag: 'de-AT', base: 'de-at', settings: '' },
      { tag: 'de-u-co-phonebk-ks-level1', base: 'de', settings: '-ks-level1' },
      { tag: 'de@collation=phonebook', base: 'de', settings: '' },
      { tag: 'de@collation=phonebook;colStrength=primary', base: 'de', settings: 'colStrength=primary' },
      { tag: 'und@colNumeric=yes;collation=search', base: 'und', settings: 'colNumeric=yes;' },
    ])
    .run(({ assert }, { tag, base, settings }) => {
      assert.equal(icuBase(tag), base);
      assert.equal(icuSettings(tag), settings);
    });
});
