import { test } from '@japa/runner';

import { CheckQueue } from '../../../harness/gate/plan/check-queue.ts';
import type { GateRun } from '../../../harness/gate/gate-run.ts';
import type { Outcome } from '../../../harness/verdict/event.ts';

/** Nothing here looks into it. */
const run = {} as GateRun;

function queueOf(
  cells: Readonly<Record<string, readonly string[]>>,
  examine: (id: string) => Promise<Outcome>,
): CheckQueue {
  const queue = new CheckQueue(run);
  for (const [cell, ids] of Object.entries(cells))
    for (const id of ids) queue.add({ id, cell, promise: 'it holds', examine: () => examine(id) });
  return queue;
}

test.group('CheckQueue', () => {
  test('examines every check once, those of a cell in their order, whichever is asked for first', async ({
    assert,
  }) => {
    const examined: string[] = [];
    const queue = queueOf({ one: ['a', 'b'], two: ['c'] }, async (id) => {
      examined.push(id);
      return id === 'b' ? 'failed' : 'passed';
    });
    assert.equal(await queue.outcome('c'), 'passed');
    assert.equal(await queue.outcome('b'), 'failed');
    assert.equal(await queue.outcome('a'), 'passed');
    assert.sameMembers(examined, ['a', 'b', 'c']);
    assert.isBelow(examined.indexOf('a'), examined.indexOf('b'));
  });

  test('gives nobody an outcome any more once the run is over', async ({ assert }) => {
    const queue = queueOf({ one: ['a', 'b', 'c'] }, async (id) => {
      if (id === 'b') throw new Error('the run is over');
      return 'passed';
    });
    assert.equal(await queue.outcome('a'), 'passed');
    await assert.rejects(() => queue.outcome('b'), 'the run is over');
    await assert.rejects(() => queue.outcome('c'), 'the run is over');
  });
});
