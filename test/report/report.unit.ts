import { test } from '@japa/runner';

import { deriveReport, type Report } from '../../harness/report/report.ts';
import type { GateEvent, TapeFacts, Tally } from '../../harness/verdict/event.ts';
import {
  cells,
  checks,
  ended,
  found,
  over,
  planned,
  started,
  timed,
  wholeRun,
} from '../verdict/run-events.ts';

const [first, second] = checks.map(({ id }) => id) as [string, string, ...string[]];

/** What a tape's event says, for a report that has one. */
export function tapeFacts(change: Partial<TapeFacts> = {}): TapeFacts {
  return {
    label: 'records',
    digest: 'd'.repeat(64),
    major: 17,
    compute: 'debian:13',
    serverVersion: '17.6',
    flavour: 'vanilla',
    fullPageWrites: false,
    checksums: false,
    workload: 'collation',
    requests: 4000,
    records: 400_000,
    requestsOnPushedBase: 3000,
    recordsOnPushedBase: 300_000,
    notJudged: { fsm: 2, vm: 40 },
    startLsn: '0/1000',
    endLsn: '0/2000',
    directory: '/tapes/one',
    ...change,
  };
}

function tallyOf(oracle: Tally['oracle'], pages: number, differences = 0): Tally {
  return {
    oracle,
    pages,
    records: 10 * pages,
    bytes: 8192 * pages,
    masked: 0,
    checksummed: 0,
    named: {},
    differences,
  };
}

/** A run with everything in it: two tallies a check in two cells, a finding, tapes, bundle, host, options. */
function fullRun(): readonly GateEvent[] {
  return [
    started,
    {
      type: 'bundle',
      bundle: {
        role: 'candidate',
        source: '/b.tar',
        digest: 'ab',
        layout: 'chroot',
        flavour: 'vanilla',
        servers: { '17': 'postgres' },
      },
    },
    {
      type: 'host',
      host: { name: 'debian:11', engine: 'chroot', packages: { libc6: '2.31' }, libc: 'glibc 2.31' },
    },
    {
      type: 'options',
      options: {
        suites: ['contract', 'walredo'],
        majors: [15, 17],
        hosts: ['debian:11', 'debian:12'],
        engine: 'chroot',
      },
    },
    planned(),
    { type: 'tape', tape: tapeFacts() },
    { type: 'tape', tape: tapeFacts({ label: 'images', notJudged: { vm: 2 } }) },
    found(first),
    ended(first, 'failed', [tallyOf('recovery', 100, 2), tallyOf('hosts', 110, 1)]),
    ended(second, 'passed', [tallyOf('recovery', 50)]),
    ...checks.slice(2).map(({ id }) => ended(id, 'passed', [tallyOf('recovery', 1)])),
    over(),
  ];
}

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
