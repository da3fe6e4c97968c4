import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { chooseChecks, type CheckFilter } from '../../../harness/gate/plan/check-filter.ts';
import { GatePlan, type GateShape } from '../../../harness/gate/plan/gate-plan.ts';
import { temporaryDirectory } from '../../../harness/host/run-directory.ts';
import { deriveReport } from '../../../harness/report/report.ts';
import type { GateEvent, Outcome } from '../../../harness/verdict/event.ts';
import { thrownBy } from '../../support/thrown.ts';
import { checks, timed, wholeRun } from '../../verdict/run-events.ts';

const [first, second] = checks as [(typeof checks)[number], (typeof checks)[number]];

function wanted(filter: CheckFilter | undefined): readonly string[] {
  return checks.filter((check) => filter?.wants(check)).map(({ id }) => id);
}

test.group('chooseChecks', () => {
  test('takes all where nothing was typed', ({ assert }) => {
    assert.isUndefined(chooseChecks({}));
  });

  test('finds a pattern in ids and promises, large and small letters alike', ({ assert }) => {
    assert.deepEqual(wanted(chooseChecks({ grep: 'PG15/debian:11/contract/(one|two)' })), [
      first.id,
      second.id,
    ]);
    assert.lengthOf(wanted(chooseChecks({ grep: 'two is kept' })), checks.length / 2);
    assert.deepEqual(wanted(chooseChecks({ grep: 'three' })), []);
    assert.equal(thrownBy(() => chooseChecks({ grep: '(' })).code, 'invalid-pattern');
  });

  test('takes what did not pass in the report that is named, and both conditions together', async ({
    assert,
  }) => {
    await using scratch = await temporaryDirectory('reports');
    const keep = (outcomes: Readonly<Record<string, Outcome>>): void => {
      const report = deriveReport(timed(...wholeRun(outcomes)));
      writeFileSync(join(scratch.path, 'report.json'), JSON.stringify(report));
    };
    keep({ [first.id]: 'failed', [second.id]: 'not judged' });
    const failed = chooseChecks({ lastFailed: scratch.path });
    assert.deepEqual(wanted(failed), [first.id, second.id]);
    const both = chooseChecks({ lastFailed: scratch.path, grep: 'one' });
    assert.deepEqual(wanted(both), [first.id]);
    assert.equal(both?.words, 'match "one" and did not pass in the run before');
    keep({});
    const nothing = thrownBy(() => chooseChecks({ lastFailed: scratch.path }));
    assert.deepEqual([nothing.kind, nothing.code], ['usage', 'nothing-failed']);
    assert.equal(thrownBy(() => chooseChecks({ lastFailed: join(scratch.path, 'none') })).code, 'no-report');
  });
});

test.group('a plan with a filter', () => {
  const shape: GateShape = {
    suites: ['contract', 'walredo'],
    majors: [15, 17],
    hosts: ['debian:11', 'debian:12'],
    layout: 'chroot',
    hasBaseline: false,
    initdbMatrix: 'sample',
    kernelFloor: false,
    tapeLabels: () => [],
    hasOracle: () => true,
    skews: [],
  };

  test('has the checks that are wanted and their cells, and counts the others', ({ assert }) => {
    const only = chooseChecks({ grep: 'pg17/debian:12/walredo/one' });
    const plan = new GatePlan({ ...shape, ...(only === undefined ? {} : { only }) });
    const taken = checks.filter((check) => plan.promise(check));
    assert.deepEqual(
      taken.map(({ id }) => id),
      ['pg17/debian:12/walredo/one'],
    );
    assert.deepEqual(
      plan.plannedCells.map(({ id }) => id),
      ['pg17/debian:12/walredo'],
    );
    assert.equal(plan.leftOut, checks.length - 1);
    assert.deepEqual(new GatePlan(shape).plannedCells, new GatePlan(shape).cells);
  });

  test('has a verdict that says how few they were', ({ assert }) => {
    const events = wholeRun().map((event): GateEvent =>
      event.type === 'planned' ? { ...event, leftOut: 44 } : event,
    );
    const options: GateEvent = {
      type: 'options',
      options: { suites: ['walredo'], majors: [17], hosts: [], engine: 'chroot', only: 'match "x"' },
    };
    assert.equal(
      sentenceOf([...events.slice(0, 1), options, ...events.slice(1)]),
      'compatible (contract, walredo); only 16 of 60 checks: those that match "x"',
    );
    assert.notInclude(sentenceOf(wholeRun()), 'only');
  });
});

function sentenceOf(events: readonly GateEvent[]): string {
  return deriveReport(timed(...events)).sentence;
}
