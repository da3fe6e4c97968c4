import { test } from '@japa/runner';

import { deriveReport, type Report } from '../../harness/report/report.ts';
import type { GateEvent } from '../../harness/verdict/event.ts';
import { cells, checks, ended, planned, started, timed, wholeRun } from '../verdict/run-events.ts';
import { fullRun, tallyOf } from './support/full-run.ts';

const first = checks[0]?.id ?? '';

function report(events: readonly GateEvent[] = fullRun()): Report {
  return deriveReport(timed(...events));
}

test.group('deriveReport', () => {
  test('sums what was compared by oracle, over all and for each cell', ({ assert }) => {
    const { compared, pages, records, differences, cells: reported } = report();
    assert.deepEqual(compared.recovery, {
      pages: 164,
      records: 1640,
      bytes: 164 * 8192,
      masked: 0,
      checksummed: 0,
      named: {},
      differences: 2,
    });
    assert.deepEqual(compared.hosts, {
      pages: 110,
      records: 1100,
      bytes: 110 * 8192,
      masked: 0,
      checksummed: 0,
      named: {},
      differences: 1,
    });
    assert.deepEqual(compared.baseline, {
      pages: 0,
      records: 0,
      bytes: 0,
      masked: 0,
      checksummed: 0,
      named: {},
      differences: 0,
    });
    assert.deepEqual([pages, records, differences], [164, 1640, 3]);
    const [cell] = reported;
    assert.deepEqual(
      [cell?.id, cell?.pages, cell?.records, cell?.differences, cell?.verdict],
      ['pg15/debian:11/contract', 150, 1500, 3, 'incompatible'],
    );
    const sumOf = (value: (each: Report['cells'][number]) => number): number =>
      reported.reduce((sum, each) => sum + value(each), 0);
    assert.equal(
      sumOf((each) => each.pages),
      pages,
    );
    assert.equal(
      sumOf((each) => each.records),
      records,
    );
    assert.equal(
      sumOf((each) => each.differences),
      differences,
    );
  });

  test('counts the pages of each named class by oracle, and names the skews that excuse them', ({
    assert,
  }) => {
    const skew = { major: 17, wal: '17.0', bundle: '17.11', tapes: ['records'] };
    const vm = { ...tallyOf('model', 5), named: { 'vm-lsn-only': 2 } };
    const heap = { ...tallyOf('recovery', 5), named: { 'heap-lsn-only': 1 } };
    const { compared, inputs, differences } = report([
      started,
      { type: 'skew', skew },
      planned(),
      ended(checks[0]?.id ?? '', 'passed', [vm, heap]),
      ended(checks[1]?.id ?? '', 'passed', [vm]),
    ]);
    assert.deepEqual(compared.model.named, { 'vm-lsn-only': 4 });
    assert.deepEqual(compared.recovery.named, { 'heap-lsn-only': 1 });
    assert.deepEqual(compared.hosts.named, {});
    assert.equal(differences, 0);
    assert.deepEqual(inputs.skews, [skew]);
  });

  test('has what --json promises', ({ assert }) => {
    const whole = report();
    assert.equal(whole.schemaVersion, 1);
    assert.deepEqual([whole.verdict, whole.exitCode], ['incompatible', 1]);
    assert.deepEqual(whole.counts, {
      planned: 16,
      run: 16,
      passed: 15,
      failed: 1,
      accepted: 0,
      notJudged: 0,
    });
    assert.deepEqual(
      [whole.majors, whole.hosts],
      [
        [15, 17],
        ['debian:11', 'debian:12'],
      ],
    );
    assert.deepEqual(
      whole.cells.map(({ id }) => id),
      cells.map(({ id }) => id),
    );
    for (const key of ['major', 'host', 'suite', 'pages', 'records', 'differences', 'verdict']) {
      assert.isTrue(
        whole.cells.every((cell) => key in cell),
        key,
      );
    }
    assert.deepEqual(
      whole.findings.map(({ check, code }) => [check, code]),
      [[first, 'page-content']],
    );
    assert.deepEqual(whole.pagesNotJudged, { fsm: 2, vm: 42 });
    assert.lengthOf(whole.inputs.tapes, 2);
    assert.equal(whole.run.peakRssBytes, 150_000_000);
    assert.equal(whole.run.durationsMs[first], 1500);
  });

  test('makes the same bytes of the same events', ({ assert }) => {
    assert.equal(JSON.stringify(report()), JSON.stringify(report()));
  });

  test('holds times, durations, memory and the name of the machine in `run` alone', ({ assert }) => {
    const other = fullRun().map((event): GateEvent => {
      if (event.type === 'run-started') return { ...event, machine: 'elsewhere' };
      if (event.type === 'check-ended') return { ...event, durationMs: 7 };
      return event.type === 'run-ended' ? { ...event, peakRssBytes: 1 } : event;
    });
    const later = timed(...other).map((event) => ({ ...event, at: '2040-01-01T00:00:00.000Z' }));
    const { run, ...rest } = deriveReport(later);
    const { run: firstRun, ...firstRest } = report();
    assert.deepEqual(rest, firstRest);
    assert.notDeepEqual(run, firstRun);
  });

  test('is derived from a run that was cut off anywhere, and never judges it', ({ assert }) => {
    const events = fullRun();
    for (let length = 0; length < events.length; length++) {
      const { verdict, exitCode, counts } = report(events.slice(0, length));
      assert.deepEqual([verdict, exitCode], ['not judged', 3]);
      assert.equal(counts.planned, counts.run + counts.notJudged);
    }
    assert.deepEqual(report([]).run, {
      startedAt: null,
      endedAt: null,
      machine: null,
      redoubtVersion: null,
      peakRssBytes: null,
      durationsMs: {},
    });
  });

  test('survives JSON', ({ assert }) => {
    const whole = report(wholeRun());
    assert.deepEqual(JSON.parse(JSON.stringify(whole)), whole);
  });
});
