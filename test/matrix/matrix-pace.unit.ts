import { test } from '@japa/runner';

import { MatrixPace } from '../../harness/matrix/matrix-pace.ts';
import { planCells } from '../../harness/verdict/cell.ts';

test.group('MatrixPace', () => {
  test('tells what is done, what runs, what failed, and how long the rest takes by what was measured', ({
    assert,
  }) => {
    const [first, second, third] = planCells(['walredo'], [17], ['a', 'b', 'c']) as [never, never, never];
    let nowMs = 0;
    const told: string[] = [];
    const pace = new MatrixPace(
      [first, second, third],
      { cells: 2, failed: 1 },
      (words) => told.push(words),
      () => nowMs,
    );
    pace.began(first);
    pace.note('capture 17: initdb');
    nowMs = 10_000;
    pace.ended(first, ['passed', 'failed']);
    pace.began(second);
    nowMs = 14_000;
    pace.began(third);
    pace.ended(second, ['passed', 'not judged']);
    pace.ended(third, ['passed']);
    assert.deepEqual(told, [
      '2 of 5 cells, 1 failed',
      '2 of 5 cells, 1 failed, pg17/a/walredo',
      '2 of 5 cells, 1 failed, capture 17: initdb, pg17/a/walredo',
      '3 of 5 cells, 2 failed',
      '3 of 5 cells, 2 failed, about 20 s left, pg17/b/walredo',
      // As long as the longest cell, however many run.
      '3 of 5 cells, 2 failed, about 10 s left, pg17/b/walredo pg17/c/walredo',
      '4 of 5 cells, 2 failed, 1 not judged, about 7 s left, pg17/c/walredo',
      '5 of 5 cells, 2 failed, 1 not judged',
    ]);
  });
});
