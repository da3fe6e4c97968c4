import { test } from '@japa/runner';

import { GatePlan, type GateShape } from '../../../harness/gate/plan/gate-plan.ts';
import { SuitePromises } from '../../../harness/gate/plan/suite-promises.ts';
import { thrownBy } from '../../support/thrown.ts';

const shape: GateShape = {
  suites: ['contract', 'initdb', 'walredo'],
  majors: [15, 17],
  hosts: ['debian:11', 'debian:12', 'debian:13'],
  layout: 'chroot',
  hasBaseline: true,
  initdbMatrix: 'sample',
  kernelFloor: false,
  tapeLabels: (major) => (major === 15 ? ['records'] : ['records', 'images']),
  hasOracle: () => true,
  skews: [],
};

test.group('GatePlan', () => {
  test('takes each check once', ({ assert }) => {
    const plan = new GatePlan(shape);
    const check = { id: 'pg15/debian:11/contract/one', cell: 'pg15/debian:11/contract', promise: 'one' };
    plan.promise(check);
    assert.deepEqual(plan.checks, [check]);
    assert.equal(thrownBy(() => plan.promise(check)).code, 'duplicate-check');
    assert.equal(plan.firstHost, 'debian:11');
  });

  test('has the promises of every suite for every cell, none twice, none without a cell', async ({
    assert,
  }) => {
    const plan = new GatePlan(shape);
    (await SuitePromises.collect()).checksOf(plan);
    const cells = plan.cells.map(({ id }) => id);
    assert.lengthOf(cells, 18);
    assert.isTrue(plan.checks.every(({ id, cell }) => cells.includes(cell) && id.startsWith(`${cell}/`)));
    assert.isTrue(cells.every((id) => plan.checks.some(({ cell }) => cell === id)));
    const of = (cell: string): readonly string[] =>
      plan.checks.filter((check) => check.cell === cell).map(({ id }) => id.slice(cell.length + 1));
    assert.includeMembers([...of('pg15/debian:11/contract')], ['programs', 'refusals']);
    // A bundle that is chrooted into does on all hosts what it does on one.
    const once = [
      'refusals',
      'launcher-exec',
      'umask',
      'no-devices',
      'ambient',
      'kernel-floor',
      'residue',
      'memory',
    ];
    assert.includeMembers([...of('pg15/debian:11/contract')], once);
    assert.isEmpty(of('pg15/debian:12/contract').filter((id) => once.includes(id)));
    assert.include(of('pg15/debian:12/contract'), 'kept-tape');
    assert.includeMembers([...of('pg15/debian:11/initdb')], ['data-directory']);
    assert.notInclude(of('pg15/debian:11/initdb'), 'hosts');
    assert.include(of('pg15/debian:12/initdb'), 'hosts');
    assert.deepEqual(of('pg15/debian:11/walredo'), ['recovery-records', 'baseline-records']);
    assert.deepEqual(of('pg17/debian:13/walredo'), [
      'recovery-records',
      'recovery-images',
      'hosts-records',
      'hosts-images',
      'baseline-records',
      'baseline-images',
    ]);
  });
});
