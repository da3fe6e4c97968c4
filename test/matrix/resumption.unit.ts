import { test } from '@japa/runner';

import { requireSamePlan, resumptionOf } from '../../harness/matrix/resumption.ts';
import { planMatrix } from '../../harness/matrix/matrix-plan.ts';
import type { TimedEvent } from '../../harness/verdict/event.ts';
import { thrownBy } from '../support/thrown.ts';
import { axesWith } from './matrix-axes.ts';
import { shardRun } from './shard-events.ts';

const axes = axesWith();
const whole = shardRun(axes, null);
const planned = whole.events.find((event) => event.type === 'planned');
const { cells, checks } = planned ?? { cells: [], checks: [] };
const hosts = whole.events.flatMap((event) => (event.type === 'host' ? [event.host] : []));

function after(events: readonly TimedEvent[]) {
  return resumptionOf(events, cells, checks, hosts);
}

test.group('resumptionOf', () => {
  test('leaves nothing to do after a whole run, and keeps its results and tapes', ({ assert }) => {
    const { done, kept } = after(whole.events);
    assert.equal(done.size, cells.length);
    assert.deepEqual(
      kept,
      whole.events.filter((event) => 'check' in event || event.type === 'tape'),
    );
  });

  test('wherever a run was cut off, does anew what had not ended, and nothing else', ({ assert }) => {
    for (let length = 0; length <= whole.events.length; length++) {
      const events = whole.events.slice(0, length);
      const ended = events.filter(({ type }) => type === 'check-ended').length;
      const { done, kept } = after(events);
      assert.equal(done.size, ended);
      assert.isTrue(
        kept.every((event) => !('check' in event) || done.has(event.check.replace('/check', ''))),
      );
    }
  });

  test('does a cell anew of which a check could not be judged', ({ assert }) => {
    const [cell] = cells;
    const events = whole.events.map((event) =>
      event.type === 'check-ended' && event.check === `${cell?.id ?? ''}/check`
        ? { ...event, outcome: 'not judged' as const }
        : event,
    );
    const { done } = after(events);
    assert.equal(done.size, cells.length - 1);
    assert.isFalse(done.has(cell?.id ?? ''));
  });

  test('does a cell anew that has a check more than then', ({ assert }) => {
    const [cell] = cells;
    const more = { id: `${cell?.id ?? ''}/new`, cell: cell?.id ?? '', promise: 'it holds, too' };
    const { done, kept } = resumptionOf(whole.events, cells, [...checks, more], hosts);
    assert.isFalse(done.has(more.cell));
    assert.isTrue(kept.every((event) => !('check' in event) || !event.check.startsWith(`${more.cell}/`)));
  });

  test('refuses to go on when a host is no longer the same', ({ assert }) => {
    const now = hosts.map((host) => ({ ...host, packages: { libc6: '2.41' } }));
    const error = thrownBy(() => resumptionOf(whole.events, cells, checks, now));
    assert.deepEqual([error.kind, error.code], ['infrastructure', 'host-changed']);
    assert.include(error.message, 'debian:11 is no longer what it was');
    assert.include(error.message, 'packages.libc6 is 2.36 then, 2.41 now');
  });

  test('refuses to go on without a host on which cells were judged', ({ assert }) => {
    const now = hosts.filter(({ name }) => name !== 'debian:12');
    const left = cells.filter(({ host }) => host !== 'debian:12');
    const error = thrownBy(() => resumptionOf(whole.events, left, checks, now));
    assert.deepEqual([error.kind, error.code], ['infrastructure', 'host-changed']);
    assert.include(error.message, 'debian:12 is no longer what it was');
    assert.include(error.message, 'it cannot be had any more');
  });

  test('keeps what changes from the pinned bundle', ({ assert }) => {
    const comparison = { major: 17, evidence: 'the same bundle', statements: [] } as const;
    const told: TimedEvent = { at: '', type: 'pin-compared', comparison };
    assert.include(after([told, ...whole.events]).kept, told);
  });
});

test.group('requireSamePlan', () => {
  test('goes on with the same plan and shard', ({ assert }) => {
    assert.doesNotThrow(() => requireSamePlan('out', whole, planMatrix(axes), undefined));
  });

  test('refuses another plan, and names what differs', ({ assert }) => {
    const other = planMatrix({ ...axes, hosts: ['debian:11', 'debian:12'] });
    const error = thrownBy(() => requireSamePlan('out', whole, other, undefined));
    assert.deepEqual([error.kind, error.code], ['usage', 'matrix-differs']);
    assert.include(error.message, 'hosts.2 is debian:13 there, missing here');
  });

  test('refuses another shard of the same plan', ({ assert }) => {
    const error = thrownBy(() => requireSamePlan('out', whole, planMatrix(axes), { index: 1, count: 2 }));
    assert.include(error.message, 'it is the whole plan, this is shard 1/2');
  });
});
