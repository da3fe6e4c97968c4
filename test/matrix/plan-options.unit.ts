import { test } from '@japa/runner';

import type { GateOptions } from '../../harness/gate/gate-options.ts';
import { chooseShards } from '../../harness/matrix/choose-shards.ts';
import { type MatrixAxes, planMatrix } from '../../harness/matrix/matrix-plan.ts';
import { requireSamePlan } from '../../harness/matrix/resumption.ts';
import { thrownBy } from '../support/thrown.ts';
import { axesWith } from './matrix-axes.ts';
import { shardRun } from './shard-events.ts';

/** Where a plan has each option, with another value of it, or why it is of no account: an option added must be added here. */
const places: Readonly<Record<keyof GateOptions, Partial<MatrixAxes> | string>> = {
  candidate: { bundles: [{ name: 'new', digest: 'b2', majors: [15, 17] }] },
  baseline: { baseline: 'b0' },
  majors: { bundles: [{ name: 'new', digest: 'b1', majors: [17] }] },
  hosts: { hosts: ['debian:11', 'debian:12', 'debian:13', 'debian:forky'] },
  computeImages: { images: [{ name: 'npm:17.10', major: 17, key: 'n17' }] },
  suites: { suites: ['contract'] },
  engine: { engine: 'docker' },
  captures: { workloads: [{ name: 'default', digest: 'w2' }] },
  tapes: { tapes: [{ label: 'kept', major: 17, digest: 't1' }] },
  kernelFloor: { kernelFloor: true },
  answerTimeoutMs: { answerTimeoutMs: 5000 },
  initdbMatrix: { initdbMatrix: 'full' },
  locales: { locales: ['icu:sv'] },
  policy: { policy: 'p1' },
  lock: { pin: 'sha256-1' },
  reportDirectory: 'where the report goes changes nothing in it',
  list: 'nothing is judged',
  only: 'a matrix judges all checks of a cell',
};
const changes = Object.entries(places).flatMap(([option, change]) =>
  typeof change === 'string' ? [] : [{ option, change }],
);

test.group('the plan of a matrix', () => {
  test('tells shards apart, and runs that go on, that differ in {option}')
    .with(changes)
    .run(({ assert }, { change }) => {
      const [name = ''] = Object.keys(change);
      const axes = axesWith();
      const other = axesWith(change);
      const [first, second] = [
        shardRun(axes, { index: 1, count: 2 }),
        shardRun(other, { index: 2, count: 2 }),
      ];
      const merging = thrownBy(() => chooseShards([first, second], false));
      assert.deepEqual([merging.kind, merging.code], ['usage', 'shards-differ']);
      assert.include(merging.message, `another plan: ${name}`);
      const goingOn = thrownBy(() =>
        requireSamePlan('out', first, planMatrix(other), { index: 1, count: 2 }),
      );
      assert.deepEqual([goingOn.kind, goingOn.code], ['usage', 'matrix-differs']);
      assert.include(goingOn.message, `: ${name}`);
    });

  test('says of shards that are not the same what each was told', ({ assert }) => {
    const runs = [
      shardRun(axesWith(), { index: 1, count: 2 }),
      shardRun(axesWith({ locales: ['icu:sv'] }), { index: 2, count: 2 }),
    ];
    assert.include(
      thrownBy(() => chooseShards(runs, false)).message,
      'another plan: locales is none in shard-1, ["icu:sv"] in shard-2',
    );
  });
});
