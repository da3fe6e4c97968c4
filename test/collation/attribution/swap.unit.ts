import { test } from '@japa/runner';

import {
  differingParts,
  type EnvironmentParts,
  planSwaps,
  type SwapSides,
  wholeOf,
} from '../../../harness/collation/attribution/swap.ts';

function parts(name: string, server: string | null = 'npm:17.10'): EnvironmentParts {
  return { server, libc: name, locales: name, icu: name, icudata: name };
}

const sides: SwapSides = { from: parts('debian:12'), to: parts('debian:13') };

test.group('planSwaps', () => {
  test('each part of the library in question alone, both libraries whole, both ways', ({ assert }) => {
    const swaps = planSwaps(sides, new Set(['icu'] as const));
    assert.deepEqual(
      swaps.map(({ base, parts, environment }) => `${base} [${parts.join('+')}] ${environment}`),
      [
        'from [] pg=npm:17.10,libc=debian:12,icu=debian:12',
        'to [] pg=npm:17.10,libc=debian:13,icu=debian:13',
        'from [libc+locales] pg=npm:17.10,libc=debian:13,icu=debian:12',
        'to [libc+locales] pg=npm:17.10,libc=debian:12,icu=debian:13',
        'from [icu] pg=npm:17.10,libc=debian:12,icu=debian:13,icudata=debian:12',
        'to [icu] pg=npm:17.10,libc=debian:13,icu=debian:12,icudata=debian:13',
        'from [icudata] pg=npm:17.10,libc=debian:12,icu=debian:12,icudata=debian:13',
        'to [icudata] pg=npm:17.10,libc=debian:13,icu=debian:13,icudata=debian:12',
        'from [icu+icudata] pg=npm:17.10,libc=debian:12,icu=debian:13',
        'to [icu+icudata] pg=npm:17.10,libc=debian:13,icu=debian:12',
      ],
    );
  });

  test('what both sides have from one place, or one side lacks, is not exchanged', ({ assert }) => {
    const sides = {
      from: { ...parts('debian:12'), icu: 'debian:13', icudata: null },
      to: parts('debian:13', 'npm:17.0'),
    };
    assert.deepEqual(differingParts(sides), ['libc', 'locales', 'server']);
    const swaps = planSwaps(sides, new Set(['libc', 'icu'] as const));
    assert.deepEqual(
      [...new Set(swaps.map((swap) => swap.parts.join('+')))],
      ['', 'libc', 'locales', 'libc+locales', 'server'],
    );
    assert.include(
      swaps.map(({ environment }) => environment),
      'pg=npm:17.10,libc=debian:13,locales=debian:12,icu=debian:13',
    );
  });

  test('a part belongs to its library, as far as the sides differ in it', ({ assert }) => {
    assert.deepEqual(wholeOf(sides, ['locales']), ['libc', 'locales']);
    assert.deepEqual(wholeOf({ ...sides, to: { ...sides.to, icu: 'debian:12' } }, ['icudata']), ['icudata']);
    assert.deepEqual(wholeOf(sides, []), []);
  });
});
