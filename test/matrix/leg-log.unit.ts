import { test } from '@japa/runner';

import { legLog, type LegNames, ToldFacts } from '../../harness/matrix/leg-log.ts';
import { deriveReport } from '../../harness/report/report.ts';
import type { GateEvent } from '../../harness/verdict/event.ts';
import type { PinComparison } from '../../harness/verdict/pin-facts.ts';
import { timed } from '../verdict/run-events.ts';

const pin: GateEvent = {
  type: 'pin',
  pin: { path: 'bundle.lock.json', bundle: 'b', name: 'b.tar', report: 'r', reviewers: [] },
};

function compared(major: number, evidence: PinComparison['evidence']): GateEvent {
  return { type: 'pin-compared', comparison: { major, evidence, statements: [] } };
}

function legOf(bundle: string | undefined): LegNames {
  return { bundle, workload: undefined, computeOf: () => undefined };
}

test.group('legLog', () => {
  test('says of which bundle the pin was compared, each major once, in one order', ({ assert }) => {
    const events: GateEvent[] = [];
    const told = new ToldFacts([]);
    const sink = { append: (event: GateEvent) => events.push(event) };
    for (const bundle of ['old', 'new']) {
      const log = legLog(sink, told, legOf(bundle));
      log.append(pin);
      log.append(compared(17, 'both bundles'));
      log.append(compared(15, 'lock file alone'));
      // Of another compute image the same is told.
      log.append(compared(15, 'both bundles'));
    }
    assert.lengthOf(
      events.filter(({ type }) => type === 'pin'),
      1,
    );
    const { comparisons = [] } = deriveReport(timed(...events)).inputs.pin ?? {};
    assert.deepEqual(
      comparisons.map(({ bundle, major, evidence }) => [bundle, major, evidence]),
      [
        ['new', 15, 'both bundles'],
        ['old', 15, 'both bundles'],
        ['new', 17, 'both bundles'],
        ['old', 17, 'both bundles'],
      ],
    );
  });

  test('names no bundle where there is one', ({ assert }) => {
    const events: GateEvent[] = [];
    const log = legLog({ append: (event) => events.push(event) }, new ToldFacts([]), legOf(undefined));
    log.append(compared(17, 'both bundles'));
    assert.deepEqual(events, [compared(17, 'both bundles')]);
  });
});
