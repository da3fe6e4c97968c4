import { test } from '@japa/runner';
import { assert as assertProperty, double, property } from 'fast-check';

import { timeScale } from '../../../reports/html/time-scale.ts';

test.group('the scale of a waterfall', () => {
  test('has a handful of round ticks', ({ assert }) => {
    assert.deepEqual(timeScale(24_000).ticksMs, [0, 5000, 10_000, 15_000, 20_000]);
    assert.deepEqual(timeScale(77_900).ticksMs, [0, 20_000, 40_000, 60_000]);
    assert.deepEqual(timeScale(6000).ticksMs, [0, 1000, 2000, 3000, 4000, 5000, 6000]);
    assert.equal(timeScale(200).share(50), '25.000%');
  });

  test('never has more than seven, from the beginning to the end of whatever run', ({ assert }) => {
    assertProperty(
      property(double({ min: 1, max: 1e9, noNaN: true }), (totalMs) => {
        const { ticksMs } = timeScale(totalMs);
        assert.isAtLeast(ticksMs.length, 2);
        assert.isAtMost(ticksMs.length, 7);
        assert.equal(ticksMs[0], 0);
        assert.isAtMost(ticksMs.at(-1) ?? 0, totalMs * (1 + 1e-9));
      }),
    );
  });
});
