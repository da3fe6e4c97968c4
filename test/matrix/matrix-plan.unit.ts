import { test } from '@japa/runner';

import { imageRows, planMatrix, workOrder } from '../../harness/matrix/matrix-plan.ts';
import { planCells } from '../../harness/verdict/cell.ts';
import { axesWith } from './matrix-axes.ts';

const several = axesWith({
  bundles: [
    { name: 'new', digest: 'b1', majors: [15, 17] },
    { name: 'old', digest: 'b2', majors: [15] },
  ],
  images: [
    { name: 'debian:12', major: 15, key: 'k12' },
    { name: 'debian:13', major: 17, key: 'k13' },
    { name: 'npm:17.10', major: 17, key: 'n17' },
  ],
  workloads: [
    { name: 'collation', digest: 'w1' },
    { name: 'mine', digest: 'w2' },
  ],
  hosts: ['debian:11', 'debian:12'],
});

test.group('planMatrix', () => {
  test('has the cells of the gate where there is one of everything', ({ assert }) => {
    const { legs } = planMatrix(axesWith());
    assert.lengthOf(legs, 1);
    assert.deepEqual(
      legs[0]?.cells,
      planCells(['contract', 'initdb', 'walredo'], [15, 17], ['debian:11', 'debian:12', 'debian:13']),
    );
  });

  test('combines everything, and judges once what does not depend on the workload', ({ assert }) => {
    const { legs } = planMatrix(several);
    assert.deepEqual(
      legs.map(({ bundle, images, workload, majors, suites }) => [
        bundle,
        images.map(({ name }) => name).join(),
        workload,
        majors.join(),
        suites.join(),
      ]),
      [
        ['new', 'debian:12,debian:13', 'collation', '15,17', 'contract,initdb,walredo'],
        ['new', 'debian:12,debian:13', 'mine', '15,17', 'walredo'],
        ['new', 'npm:17.10', 'collation', '17', 'contract,initdb,walredo'],
        ['new', 'npm:17.10', 'mine', '17', 'walredo'],
        ['old', 'debian:12', 'collation', '15', 'contract,initdb,walredo'],
        ['old', 'debian:12', 'mine', '15', 'walredo'],
      ],
    );
    const ids = legs.flatMap(({ cells }) => cells.map(({ id }) => id));
    assert.lengthOf(new Set(ids), ids.length);
    assert.includeMembers(ids, [
      'new.pg15@debian:12/debian:11/contract',
      'new.pg17@npm:17.10/debian:12/walredo+mine',
      'old.pg15@debian:12/debian:12/walredo+collation',
    ]);
  });

  test('has another digest with every change of what is put into it, and the same for the same', ({
    assert,
  }) => {
    const digest = planMatrix(axesWith()).digest;
    assert.equal(planMatrix(axesWith()).digest, digest);
    const changed = [
      axesWith({ redoubtVersion: '0.2.0' }),
      axesWith({ bundles: [{ name: 'new', digest: 'b2', majors: [15, 17] }] }),
      axesWith({ images: [{ name: 'debian:12', major: 15, key: 'other' }] }),
      axesWith({ workloads: [{ name: 'default', digest: 'w2' }] }),
      axesWith({ hosts: ['debian:11'] }),
      axesWith({ suites: ['walredo'] }),
      axesWith({ engine: 'docker' }),
      axesWith({ kernelFloor: true }),
    ].map((axes) => planMatrix(axes).digest);
    assert.lengthOf(new Set([digest, ...changed]), changed.length + 1);
  });

  test('plans nothing for a bundle of which no image has a major', ({ assert }) => {
    assert.isEmpty(planMatrix(axesWith({ bundles: [{ name: 'new', digest: 'b', majors: [16] }] })).legs);
  });
});

test.group('imageRows', () => {
  test('puts the first image of each major together, then the second ones', ({ assert }) => {
    assert.deepEqual(
      imageRows(
        [['b', 17] as const, ['a', 15] as const, ['c', 17] as const, ['d', 17] as const].map(
          ([name, major]) => ({ name, major }),
        ),
      ).map((row) => row.map(({ name }) => name).join()),
      ['a,b', 'c', 'd'],
    );
    assert.isEmpty(imageRows([]));
  });
});

test.group('workOrder', () => {
  test('has every cell once, those of one major and host of a leg together', ({ assert }) => {
    const plan = planMatrix(several);
    const order = workOrder(plan);
    assert.sameMembers(
      order.map(({ cell }) => cell.id),
      plan.legs.flatMap(({ cells }) => cells.map(({ id }) => id)),
    );
    const places = order.map(({ leg, cell }) =>
      [plan.legs.indexOf(leg), cell.major, several.hosts.indexOf(cell.host)].join(),
    );
    assert.deepEqual(
      places,
      places.toSorted((left, right) => left.localeCompare(right, 'en', { numeric: true })),
    );
  });
});
