import { test } from '@japa/runner';

import { captureKinds, capturePlan, capturePlans } from '../../../harness/gate/capture/capture-plan.ts';
import { workloadOf } from '../../../harness/gate/capture/tape-cache.ts';
import { codeOf } from '../../support/error-code.ts';

test.group('capturePlan', () => {
  test('finds every kind by its name, those of the gate first', ({ assert }) => {
    assert.deepEqual(
      captureKinds.slice(0, capturePlans.length),
      capturePlans.map(({ label }) => label),
    );
    assert.lengthOf(new Set(captureKinds), captureKinds.length);
    for (const kind of captureKinds) assert.equal(capturePlan(kind).label, kind);
  });

  test('of each kind names a workload that can be read', async ({ assert }) => {
    for (const kind of captureKinds) {
      const plan = capturePlan(kind);
      assert.equal((await workloadOf(plan)).name, plan.workload);
    }
  });

  test('refuses a kind that there is none of', ({ assert }) => {
    assert.equal(
      codeOf(() => capturePlan('nonsense')),
      'unknown-name',
    );
  });
});
