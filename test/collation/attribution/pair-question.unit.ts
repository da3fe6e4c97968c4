import { test } from '@japa/runner';

import { comparisonOf, pairQuestions } from '../../../harness/collation/attribution/pair-question.ts';
import { exampleString } from '../../../harness/collation/example-string.ts';
import type { LocaleDrift } from '../../../harness/collation/locale-drift.ts';
import { unmovedDrift } from '../../support/unmoved-drift.ts';

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

test.group('pairQuestions', () => {
  const examples = [
    { kind: 'smallest', left: exampleString('by'), right: exampleString('Bi'), from: '<', to: '>' },
  ] as const;
  const changed = (locale: string, data: string | null): LocaleDrift =>
    unmovedDrift({ locale, order: 'changed', data: { from: data, to: data }, examples });

  test('locales of the same data are asked about once, those of other data or settings by themselves', ({
    assert,
  }) => {
    const drifts = [
      changed('und', 'root'),
      changed('sv', 'sv'),
      changed('en', 'root'),
      changed('en-u-ks-level1', 'root'),
      changed('xx', null),
      changed('yy', null),
      unmovedDrift({ locale: 'de', data: { from: 'root', to: 'root' } }),
    ];
    assert.deepEqual(
      pairQuestions(drifts).map((question) => [
        question.locale,
        question.drifts.map(({ locale }) => locale).join(),
      ]),
      [
        ['und', 'und,en'],
        ['sv', 'sv'],
        ['en-u-ks-level1', 'en-u-ks-level1'],
        ['xx', 'xx'],
        ['yy', 'yy'],
      ],
    );
  });
});
