import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { EventLog } from '../../harness/report/event-log.ts';
import { deriveReport } from '../../harness/report/report.ts';
import type { GateEvent } from '../../harness/verdict/event.ts';
import type { PolicyFacts } from '../../harness/verdict/tolerance.ts';
import { cells, checks, ended, over, planned, started, tally } from '../verdict/run-events.ts';

/** The digest of the bundle that such a run judges. */
export const judgedDigest = 'b'.repeat(64);

/** What a gate captures of each major, in short. */
export const captures = ['records', 'images'];

/** A tape that a run replayed; given by the user where no compute image made it. */
export function replayed(major: number, label: string, compute: string | null = 'debian:13'): GateEvent {
  return {
    type: 'tape',
    tape: {
      label,
      digest: createHash('sha256')
        .update(`${String(major)} ${label}`)
        .digest('hex'),
      major,
      compute,
      serverVersion: String(major),
      flavour: 'vanilla',
      fullPageWrites: false,
      checksums: false,
      workload: 'collation',
      requests: 10,
      records: 100,
      requestsOnPushedBase: 0,
      recordsOnPushedBase: 0,
      notJudged: {},
      startLsn: '0/1000',
      endLsn: '0/2000',
      directory: '/tapes',
    },
  };
}

export const judgedPolicy: PolicyFacts = {
  path: 'redoubt.config.ts',
  digest: 'd'.repeat(64),
  date: '2026-11-22',
  warnings: [],
  accepted: [
    {
      code: 'pin-libicu-changed',
      check: 'pg15/debian:11/contract/one',
      reason: 'every index is built anew',
      owner: 'storage',
      expires: '2026-12-31',
    },
  ],
};

/** A whole, passing run of contract and walredo, 15 and 17, on debian:11 and debian:12. */
export function approvedRun(): readonly GateEvent[] {
  return [
    started,
    {
      type: 'bundle',
      bundle: {
        role: 'candidate',
        source: 'bundle.tar.zst',
        digest: judgedDigest,
        layout: 'chroot',
        flavour: 'vanilla',
        servers: { '15': 'postgres (PostgreSQL) 15.18', '17': 'postgres (PostgreSQL) 17.11' },
      },
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
    ...[15, 17].flatMap((major) => captures.map((label) => replayed(major, label))),
    ...checks.map(({ id, cell }) =>
      ended(id, 'passed', cells.find((each) => each.id === cell)?.suite === 'walredo' ? [tally] : []),
    ),
    over(),
  ];
}

/** The same, with something found that the policy accepts. */
export function acceptedRun(): readonly GateEvent[] {
  const [accepted] = judgedPolicy.accepted;
  if (accepted === undefined) throw new TypeError('a policy with an accepted finding');
  const { check, code, reason, owner, expires } = accepted;
  return approvedRun().flatMap((event): readonly GateEvent[] => {
    if (event.type === 'options') return [{ type: 'policy', policy: judgedPolicy }, event];
    if (event.type !== 'check-ended' || event.check !== check) return [event];
    return [
      {
        type: 'finding',
        check,
        finding: { code, message: 'libicu 72.1 to 76.1' },
        tolerance: { kind: 'accepted', entry: 0, reason, owner, expires },
      },
      { ...event, outcome: 'accepted' },
    ];
  });
}

/** Leaves a folder as a run does that had these events. */
export function leaveReport(directory: string, events: readonly GateEvent[]): string {
  mkdirSync(directory, { recursive: true });
  const log = new EventLog(join(directory, 'events.ndjson'));
  for (const event of events) log.append(event);
  writeFileSync(join(directory, 'report.json'), `${JSON.stringify(deriveReport(log.events), null, 2)}\n`);
  return directory;
}
