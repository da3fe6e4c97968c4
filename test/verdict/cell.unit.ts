import { test } from '@japa/runner';

import { planCells, suiteNames } from '../../harness/verdict/cell.ts';

test.group('planCells', () => {
  test('makes one cell of every combination, suite by suite, major by major, host by host', ({ assert }) => {
    assert.deepEqual(
      planCells(['contract', 'walredo'], [15, 17], ['debian:11', 'debian:12']).map(({ id }) => id),
      [
        'pg15/debian:11/contract',
        'pg15/debian:12/contract',
        'pg17/debian:11/contract',
        'pg17/debian:12/contract',
        'pg15/debian:11/walredo',
        'pg15/debian:12/walredo',
        'pg17/debian:11/walredo',
        'pg17/debian:12/walredo',
      ],
    );
    const all = planCells(suiteNames, [15, 16, 17], ['a', 'b']);
    assert.lengthOf(all, suiteNames.length * 6);
    assert.lengthOf(new Set(all.map(({ id }) => id)), all.length);
    assert.deepEqual(all[0], { id: 'pg15/a/contract', major: 15, host: 'a', suite: 'contract' });
  });

  test('makes none of nothing', ({ assert }) => {
    assert.deepEqual(planCells([], [15], ['a']), []);
    assert.deepEqual(planCells(['walredo'], [], ['a']), []);
    assert.deepEqual(planCells(['walredo'], [15], []), []);
  });
});
