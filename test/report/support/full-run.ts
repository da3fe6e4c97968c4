import type { GateEvent, TapeFacts, Tally } from '../../../harness/verdict/event.ts';
import { checks, ended, found, over, planned, started } from '../../verdict/run-events.ts';

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

export function tallyOf(oracle: Tally['oracle'], pages: number, differences = 0): Tally {
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
export function fullRun(): readonly GateEvent[] {
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
