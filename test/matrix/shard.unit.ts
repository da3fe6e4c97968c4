import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { type MatrixPlan, planMatrix, workOrder } from '../../harness/matrix/matrix-plan.ts';
import { parseShard, shardCells } from '../../harness/matrix/shard.ts';
import { suiteNames } from '../../harness/verdict/cell.ts';
import { thrownBy } from '../support/thrown.ts';
import { axesWith } from './matrix-axes.ts';

function planOf(hosts: number, majors: readonly number[], images: number): MatrixPlan {
  const names = Array.from({ length: hosts }, (_, number) => `host:${String(number)}`);
  return planMatrix(
    axesWith({
      bundles: [{ name: 'new', digest: 'b', majors }],
      images: majors.flatMap((major) =>
        Array.from({ length: images }, (_, number) => ({
          name: `image:${String(number)}-${String(major)}`,
          major,
          key: 'k',
        })),
      ),
      hosts: names,
      firstHost: 'host:0',
      suites: suiteNames,
    }),
  );
}

function shards(plan: MatrixPlan, count: number): readonly (readonly string[])[] {
  return Array.from({ length: count }, (_, at) =>
    shardCells(plan, { index: at + 1, count }).map(({ cell }) => cell.id),
  );
}

const matrices = fc.record({
  hosts: fc.integer({ min: 1, max: 30 }),
  majors: fc.uniqueArray(fc.integer({ min: 14, max: 18 }), { minLength: 1 }),
  images: fc.integer({ min: 1, max: 3 }),
});

test.group('shardCells', () => {
  test('puts every cell into one shard, in order, and leaves none empty', ({ assert }) => {
    fc.assert(
      fc.property(matrices, fc.integer({ min: 1, max: 40 }), ({ hosts, majors, images }, wanted) => {
        const plan = planOf(hosts, majors, images);
        const all = workOrder(plan).map(({ cell }) => cell.id);
        const parts = shards(plan, Math.min(wanted, all.length));
        assert.deepEqual(parts.flat(), all);
        assert.isTrue(parts.every((part) => part.length > 0));
      }),
    );
  });

  test('gives each shard its part of the cost, but for one cell', ({ assert }) => {
    const plan = planOf(200, [15, 17], 2);
    const sizes = shards(plan, 8).map((part) => part.length);
    // First hosts apart all hosts cost the same, so that the number of cells tells.
    assert.isBelow(Math.max(...sizes) - Math.min(...sizes), 20);
  });

  test('is a function of the plan: the same for every machine that makes it', ({ assert }) => {
    assert.deepEqual(shards(planOf(7, [15, 17], 2), 3), shards(planOf(7, [15, 17], 2), 3));
  });

  test('refuses more shards than there are cells', ({ assert }) => {
    const plan = planOf(1, [17], 1);
    const count = suiteNames.length + 1;
    const error = thrownBy(() => shardCells(plan, { index: 1, count }));
    assert.deepEqual([error.kind, error.code], ['usage', 'too-many-shards']);
  });
});

test.group('parseShard', () => {
  test('reads {$self}')
    .with(['1/1', '2/3', '200/200'])
    .run(({ assert }, typed) => {
      const { index, count } = parseShard(typed);
      assert.equal(`${String(index)}/${String(count)}`, typed);
    });

  test('refuses {$self}')
    .with(['0/3', '4/3', '1', '1/0', '/', 'a/b', '-1/3', '1/3/4', '1.5/3', ''])
    .run(({ assert }, typed) => {
      const error = thrownBy(() => parseShard(typed));
      assert.deepEqual([error.kind, error.code], ['usage', 'invalid-shard']);
    });
});
