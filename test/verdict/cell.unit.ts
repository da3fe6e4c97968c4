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

  test('names bundle, compute image and workload where a cell is about one of several', ({ assert }) => {
    const cells = planCells(['contract', 'walredo'], [17], ['debian:11'], (major, suite) => ({
      bundle: 'new',
      compute: `npm:${String(major)}.10`,
      ...(suite === 'walredo' ? { workload: 'mine' } : {}),
    }));
    assert.deepEqual(cells, [
      {
        id: 'new.pg17@npm:17.10/debian:11/contract',
        major: 17,
        host: 'debian:11',
        suite: 'contract',
        bundle: 'new',
        compute: 'npm:17.10',
      },
      {
        id: 'new.pg17@npm:17.10/debian:11/walredo+mine',
        major: 17,
        host: 'debian:11',
        suite: 'walredo',
        bundle: 'new',
        compute: 'npm:17.10',
        workload: 'mine',
      },
    ]);
  });

  test('makes none of nothing', ({ assert }) => {
    assert.deepEqual(planCells([], [15], ['a']), []);
    assert.deepEqual(planCells(['walredo'], [], ['a']), []);
    assert.deepEqual(planCells(['walredo'], [15], []), []);
  });
});
