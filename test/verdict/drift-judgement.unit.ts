import { test } from '@japa/runner';

import type { EnvironmentFacts } from '../../harness/collation/drift.ts';
import type { DriftExample } from '../../harness/collation/examples.ts';
import { exampleString } from '../../harness/collation/example-string.ts';
import type { LocaleDrift } from '../../harness/collation/locale-drift.ts';
import { driftFindings, driftNotes, otherDriftNotes } from '../../harness/verdict/drift-judgement.ts';
import { unmovedDrift } from '../support/unmoved-drift.ts';

function facts(name: string, libc: string, icu: string): EnvironmentFacts {
  return { name, libc, icu: { version: icu, unicode: '15.0', digest: icu }, assigned: {} };
}

const sides = {
  compute: facts('npm:17.10', '2.36', '72.1'),
  candidate: facts('the bundle', '2.41', '76.1'),
};

function example(
  kind: DriftExample['kind'],
  left: string,
  right: string,
  to: DriftExample['to'],
): DriftExample {
  return { kind, left: exampleString(left), right: exampleString(right), from: '<', to };
}

function drift(more: Partial<LocaleDrift>): LocaleDrift {
  return unmovedDrift({
    collversion: { from: '153.120', to: '153.128' },
    data: { from: 'root', to: 'root' },
    strings: 600,
    everydayStrings: 60,
    ...more,
  });
}

const moved: Partial<LocaleDrift> = {
  order: 'changed',
  alarm: 'warned',
  codePointsMoved: 12,
  assignedInBothMoved: 10,
  scripts: { Han: 7, Latin: 2, Greek: 1 },
  everydayMoved: 3,
  examples: [example('everyday', "O'Connor", 'O’Brien', '>'), example('smallest', "'C", '’', '>')],
};

test.group('driftFindings', () => {
  test('names library, versions, locales of one drift, pairs and what PostgreSQL would say', ({ assert }) => {
    const findings = driftFindings(
      [drift(moved), drift({ ...moved, locale: 'sv', sweptAs: 'und' }), drift({ locale: 'ja' })],
      sides,
    );
    assert.lengthOf(findings, 1);
    const [{ code, message, details } = { code: '', message: '' }] = findings;
    assert.equal(code, 'collation-order-drift');
    assert.equal(
      message,
      'libicu 76.1 of the bundle orders strings otherwise than libicu 72.1 of npm:17.10 in und, sv, in use: ' +
        '10 code points move (Han 7, Latin 2, ...), 2 more that only one side knows, 3 of 60 everyday strings move; ' +
        '"\'C" < "’" (U+2019) in npm:17.10, > in the bundle; ' +
        '"O\'Connor" < "O’Brien" (U+2019) in npm:17.10, > in the bundle; ' +
        'PostgreSQL would warn (collversion 153.120 against 153.128)',
    );
    assert.containSubset(details, { library: 'libicu', locales: ['und', 'sv'], warned: 'yes' });
    const examples = (details?.['examples'] ?? []) as readonly string[];
    assert.include(examples.join('\n'), `"'C" (U+0027 U+0043) < "’" (U+2019)`);
  });

  test('says when nobody is warned', ({ assert }) => {
    const silent = { ...moved, provider: 'libc', locale: 'C.UTF-8', warned: false } as const;
    const [finding] = driftFindings([drift(silent)], sides);
    assert.match(
      finding?.message ?? '',
      /^libc \(glibc 2\.41\) of the bundle .* libc \(glibc 2\.36\) of npm.*would NOT warn$/,
    );
    assert.equal(finding?.details?.['library'], 'libc');
  });

  test('equality by itself is a finding for libicu; for glibc, whose ties bytes settle, it is none', ({
    assert,
  }) => {
    const equal: Partial<LocaleDrift> = {
      equality: 'changed',
      equalityStrings: 4,
      examples: [example('equality', 'a', 'á', '=')],
    };
    assert.deepEqual(
      driftFindings([drift(equal), drift({ ...equal, provider: 'libc' })], sides).map(({ code, message }) => [
        code,
        message.includes('libicu 76.1 of the bundle takes strings for equal otherwise'),
      ]),
      [['collation-equality-drift', true]],
    );
  });

  test('what does not change is noted, a false alarm as such', ({ assert }) => {
    assert.deepEqual(driftFindings([drift({})], sides), []);
    assert.deepEqual(driftNotes([drift({}), drift({ ...moved, locale: 'sv' })], sides), [
      'libicu 72.1 of npm:17.10 and libicu 76.1 of the bundle put 600 strings in one order in und; PostgreSQL would warn all the same (collversion 153.120 against 153.128): a false alarm',
    ]);
  });

  test('of others what changes, and what is not known', ({ assert }) => {
    assert.deepEqual(
      otherDriftNotes([drift({ locale: 'lv', order: 'changed' }), drift({ locale: 'cv', order: 'unknown' })]),
      [
        'not in use, but order changes in: lv',
        'not in use, other data, and no chosen pair flips (not swept): cv',
      ],
    );
  });
});
