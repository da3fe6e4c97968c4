import { setImmediate } from 'node:timers/promises';

import { test } from '@japa/runner';

import { type Admission, doAll } from '../../../harness/host/machine/work-queue.ts';

const sample = () => ({ availableBytes: 0, idleCores: 0, heapPart: 0 });

function atMost(limit: number): Admission {
  return { mayStart: (running) => running < limit, observe: () => undefined };
}

test.group('doAll', () => {
  test('does every task once, begins them in their order, and never more at a time than are admitted', async ({
    assert,
  }) => {
    const began: number[] = [];
    let [running, most] = [0, 0];
    await doAll(
      Array.from({ length: 20 }, (_, number) => number),
      async (task) => {
        began.push(task);
        most = Math.max(most, ++running);
        for (let turn = 0; turn < (task * 7) % 5; turn++) await setImmediate();
        running--;
      },
      { admission: atMost(3), sample, sampleEveryMs: 1 },
    );
    assert.deepEqual(
      began,
      Array.from({ length: 20 }, (_, number) => number),
    );
    assert.equal(most, 3);
  });

  test('looks at the machine while it waits', async ({ assert }) => {
    const machine = { limit: 1 };
    let [most, running] = [0, 0];
    await doAll(
      [1, 2, 3, 4],
      async () => {
        most = Math.max(most, ++running);
        while (machine.limit === 1) await setImmediate();
        running--;
      },
      {
        admission: { mayStart: (now) => now < machine.limit, observe: () => (machine.limit = 2) },
        sample,
        sampleEveryMs: 1,
      },
    );
    assert.equal(most, 2);
  });

  test('begins nothing after a failure, waits for what runs, and throws it', async ({ assert }) => {
    const ended: number[] = [];
    await assert.rejects(
      () =>
        doAll(
          [0, 1, 2, 3],
          async (task) => {
            if (task === 0) throw new Error('the first failed');
            for (let turn = 0; turn < 5; turn++) await setImmediate();
            ended.push(task);
          },
          { admission: atMost(2), sample, sampleEveryMs: 1 },
        ),
      'the first failed',
    );
    assert.deepEqual(ended, [1]);
  });

  test('has nothing to do for no tasks', async () => {
    await doAll([], async () => undefined, { admission: atMost(1), sample, sampleEveryMs: 1 });
  });
});
