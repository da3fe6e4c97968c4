import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { InPlanOrder } from '../../harness/report/in-plan-order.ts';
import type { GateEvent, TimedEvent } from '../../harness/verdict/event.ts';

const checks = ['a', 'b', 'c'];

function at(event: GateEvent): TimedEvent {
  return { at: '', ...event };
}

const planned = at({
  type: 'planned',
  cells: [],
  checks: checks.map((id) => ({ id, cell: 'cell', promise: 'it holds' })),
});

function eventsOf(check: string): readonly TimedEvent[] {
  return [
    at({ type: 'check-started', check }),
    at({
      type: 'check-ended',
      check,
      outcome: 'passed',
      reason: null,
      tallies: [],
      notes: [],
      durationMs: 1,
    }),
  ];
}

function told(events: readonly TimedEvent[]): readonly string[] {
  const words: string[] = [];
  const order = new InPlanOrder((event) =>
    words.push('check' in event ? `${event.check} ${event.type}` : event.type),
  );
  for (const event of events) order.take(event);
  return words;
}

test.group('InPlanOrder', () => {
  test('tells checks in the order of the plan, however they run side by side', ({ assert }) => {
    const expected = [
      'planned',
      ...checks.flatMap((check) => [`${check} check-started`, `${check} check-ended`]),
    ];
    const interleavings = fc.shuffledSubarray(
      checks.flatMap((check) => [check, check]),
      { minLength: 6 },
    );
    fc.assert(
      fc.property(interleavings, (turns) => {
        const waiting = new Map(checks.map((check) => [check, [...eventsOf(check)]]));
        const events = turns.flatMap((check) => waiting.get(check)?.shift() ?? []);
        assert.deepEqual(told([planned, ...events]), expected);
      }),
    );
  });

  test('tells at once what is about no check', ({ assert }) => {
    const skew = at({ type: 'run-ended', testsRun: 0, peakRssBytes: 0 });
    assert.deepEqual(told([planned, ...eventsOf('b'), skew]), ['planned', 'run-ended']);
  });

  test('of a run that failed tells what had ended, before its failure', ({ assert }) => {
    const failed = at({ type: 'run-failed', code: 'interrupted', reason: 'interrupted' });
    assert.deepEqual(told([planned, ...eventsOf('c'), ...eventsOf('b').slice(0, 1), failed]), [
      'planned',
      'c check-started',
      'c check-ended',
      'run-failed',
    ]);
  });
});
