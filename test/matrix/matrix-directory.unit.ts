import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { readEarlier, writePlan } from '../../harness/matrix/matrix-directory.ts';
import { planMatrix } from '../../harness/matrix/matrix-plan.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { thrownBy } from '../support/thrown.ts';
import { axesWith } from './matrix-axes.ts';
import { shardRun } from './shard-events.ts';

const { digest, axes } = planMatrix(axesWith());
const stored = { digest, shard: { index: 1, count: 2 }, axes };

test.group('readEarlier', () => {
  test('reads what a run left: its plan, and its events up to the last whole line', async ({ assert }) => {
    await using place = await temporaryDirectory('a run');
    assert.isUndefined(readEarlier(place.path));
    writePlan(place.path, stored);
    assert.deepEqual(readEarlier(place.path), { plan: { schemaVersion: 1, ...stored }, events: [] });
    const { events } = shardRun(axes, stored.shard);
    const lines = events.map((event) => JSON.stringify(event)).join('\n');
    writeFileSync(join(place.path, 'events.ndjson'), lines);
    assert.deepEqual(readEarlier(place.path)?.events, events.slice(0, -1));
  });

  test('finds nothing to go on with where a run did not come to its plan', async ({ assert }) => {
    await using place = await temporaryDirectory('a run');
    const { events } = shardRun(axes, null);
    const failed = {
      at: '2026-11-22T20:00:00.000Z',
      type: 'run-failed',
      code: 'host-absent',
      reason: 'no such host',
    };
    const lines = [events[0], failed].map((event) => `${JSON.stringify(event)}\n`);
    writeFileSync(join(place.path, 'events.ndjson'), lines.join(''));
    assert.isUndefined(readEarlier(place.path));
  });

  test('refuses the folder of a gate', async ({ assert }) => {
    await using place = await temporaryDirectory('a run');
    const { events } = shardRun(axes, null);
    const lines = events.map((event) => `${JSON.stringify(event)}\n`);
    writeFileSync(join(place.path, 'events.ndjson'), lines.join(''));
    const error = thrownBy(() => readEarlier(place.path));
    assert.deepEqual([error.kind, error.code], ['usage', 'report-directory']);
  });

  test('refuses a plan that is {name}')
    .with([
      { name: 'no JSON', text: '{', code: 'plan-invalid', words: 'cannot be read' },
      { name: 'no object', text: '[]', code: 'plan-invalid', words: 'no schemaVersion' },
      { name: 'empty', text: '{"schemaVersion":1}', code: 'plan-invalid', words: 'digest' },
      { name: 'newer', text: '{"schemaVersion":2}', code: 'plan-newer', words: 'reads up to 1' },
      {
        name: 'changed by hand',
        text: JSON.stringify({ schemaVersion: 1, ...stored, axes: { ...axes, hosts: ['debian:11'] } }),
        code: 'plan-invalid',
        words: 'changed by hand',
      },
      {
        name: 'of other things',
        text: JSON.stringify({ schemaVersion: 1, ...stored, axes: { ...axes, hosts: [1] } }),
        code: 'plan-invalid',
        words: 'axes.hosts',
      },
    ])
    .run(async ({ assert }, { text, code, words }) => {
      await using place = await temporaryDirectory('a run');
      writeFileSync(join(place.path, 'plan.json'), text);
      const error = thrownBy(() => readEarlier(place.path));
      assert.deepEqual([error.kind, error.code], ['infrastructure', code]);
      assert.include(error.message, words);
    });
});
