import { test } from '@japa/runner';

import type { AttributionRun, Comparison } from '../../../harness/collation/attribution/attribution.ts';
import { causeOfRuns, likened, notSwapped } from '../../../harness/collation/attribution/cause-of-runs.ts';
import type { SwappedPart } from '../../../harness/collation/attribution/swap.ts';

type Seen = Comparison | 'refused';

/** `[parts, what FROM with them says, what TO with them says]`. */
type Exchange = readonly [readonly SwappedPart[], Seen, Seen];

function run(
  base: 'from' | 'to',
  parts: readonly SwappedPart[],
  seen: Seen,
  asked: AttributionRun['asked'],
): Omit<AttributionRun, 'like'> {
  const isRefused = seen === 'refused';
  return {
    base,
    parts,
    asked,
    environment: '',
    seen: isRefused ? null : [seen],
    refused: isRefused ? `no ${parts.join()}` : null,
  };
}

/** FROM says `<`, TO says `>`. */
function runs(
  exchanges: readonly Exchange[],
  asked: AttributionRun['asked'] = 'libraries',
): readonly AttributionRun[] {
  const all: readonly Exchange[] = [[[], '<', '>'], ...exchanges];
  return likened(
    all.flatMap(([parts, from, to]) => [run('from', parts, from, asked), run('to', parts, to, asked)]),
  );
}

test.group('causeOfRuns', () => {
  for (const [part, cause, library] of [
    ['libc', 'libc', 'libc'],
    ['locales', 'locale-data', 'libc'],
    ['icu', 'libicu', 'libicu'],
    ['icudata', 'libicu-data', 'libicu'],
    ['server', 'server-minor', 'server'],
  ] as const) {
    test(`${part} is to blame when it turns the order alone, both ways`, ({ assert }) => {
      const others = (['libc', 'locales', 'icu', 'icudata', 'server'] as const).filter(
        (each) => each !== part,
      );
      const idle = others.map((other): Exchange => [[other], '<', '>']);
      const found = causeOfRuns(runs([...idle, [[part], '>', '<'], [['libc', 'locales'], '>', '<']]));
      assert.deepEqual(found, { cause, library, parts: [part] });
    });
  }

  test('two parts that only together turn the order are a combination', ({ assert }) => {
    const found = causeOfRuns(
      runs([
        [['icu'], '<', '<'],
        [['icudata'], '=', '>'],
        [['icu', 'icudata'], '>', '<'],
      ]),
    );
    assert.deepEqual(found, { cause: 'combination', library: 'libicu', parts: ['icu', 'icudata'] });
  });

  test('a part that could be exchanged one way only is judged by that way, and the other is said', ({
    assert,
  }) => {
    const some = runs([
      [['libc'], 'refused', '<'],
      [['locales'], '<', '>'],
    ]);
    assert.equal(causeOfRuns(some).cause, 'libc');
    assert.deepEqual(notSwapped(some), [{ part: 'libc', why: 'no libc' }]);
  });

  for (const [what, exchanges] of [
    ['nothing turns the order', [[['libc'], '<', '>']]],
    ['one way shows the contrary', [[['libc'], '>', '>']]],
    ['another order comes out', [[['libc'], '=', '<']]],
    ['no part could be exchanged', [[['libc'], 'refused', 'refused']]],
    [
      'either of two does it',
      [
        [['libc'], '>', '<'],
        [['icu'], '>', '<'],
      ],
    ],
  ] as const) {
    test(`nothing is guessed where ${what}`, ({ assert }) => {
      assert.deepEqual(causeOfRuns(runs(exchanges)), { cause: 'unknown', library: null, parts: [] });
    });
  }

  test('nothing is blamed where server and libraries disagree', ({ assert }) => {
    const exchange: Exchange = [['icu'], '>', '<'];
    const agreeing = [...runs([exchange]), ...runs([exchange], 'server')];
    assert.equal(causeOfRuns(agreeing).cause, 'libicu');
    const other = runs([[['icu'], '=', '<']], 'server');
    assert.equal(causeOfRuns([...runs([exchange]), ...other]).cause, 'unknown');
  });
});
