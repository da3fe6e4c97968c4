import { test } from '@japa/runner';

import { Capacity, type MachineSample } from '../../../harness/host/machine/capacity.ts';

const gibibyte = 2 ** 30;

function sampleOf(changes: Partial<MachineSample> = {}): MachineSample {
  return { availableBytes: 16 * gibibyte, idleCores: 0, heapPart: 0.2, ...changes };
}

/** How many cells such a machine begins, one after another. */
function begun(capacity: Capacity): number {
  let running = 0;
  while (running < 100 && capacity.mayStart(running)) running++;
  return running;
}

test.group('Capacity', () => {
  test('begins with a cell for each core', ({ assert }) => {
    assert.equal(begun(new Capacity(2, sampleOf())), 2);
    assert.equal(begun(new Capacity(16, sampleOf())), 16);
  });

  test('always lets one begin, however little there is', ({ assert }) => {
    const capacity = new Capacity(4, sampleOf({ availableBytes: 1 }));
    assert.equal(begun(capacity), 1);
  });

  test('keeps to the memory that cells were measured to take', ({ assert }) => {
    const capacity = new Capacity(8, sampleOf({ availableBytes: 8 * gibibyte }));
    capacity.observe(sampleOf({ availableBytes: 4 * gibibyte }), 2);
    assert.equal(capacity.measuredCellBytes, 2 * gibibyte);
    // Two more would take all that is left, and what is left to the machine besides.
    assert.equal(begun(capacity), 3);
  });

  test('does not forget the most that a cell took', ({ assert }) => {
    const capacity = new Capacity(8, sampleOf({ availableBytes: 8 * gibibyte }));
    capacity.observe(sampleOf({ availableBytes: 4 * gibibyte }), 2);
    capacity.observe(sampleOf({ availableBytes: 8 * gibibyte }), 1);
    assert.equal(capacity.measuredCellBytes, 2 * gibibyte);
  });

  test('lets more begin than there are cores only while cores are seen idle', ({ assert }) => {
    const capacity = new Capacity(2, sampleOf());
    capacity.observe(sampleOf({ idleCores: 1 }), 2);
    assert.isTrue(capacity.mayStart(2));
    assert.isFalse(capacity.mayStart(4));
    capacity.observe(sampleOf({ idleCores: 0.1 }), 3);
    assert.isFalse(capacity.mayStart(3));
  });

  test('waits while the heap of the harness is nearly full', ({ assert }) => {
    const capacity = new Capacity(4, sampleOf());
    capacity.observe(sampleOf({ heapPart: 0.9 }), 1);
    assert.isFalse(capacity.mayStart(1));
    assert.isTrue(capacity.mayStart(0));
  });
});
