import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from '@japa/runner';

import type { Bundle } from '../../harness/bundle/open.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { rawRecordFromBytes } from '../../harness/wal/raw-record.ts';
import { decodeRecord } from '../../harness/wal/decode.ts';
import { recordKind } from '../../harness/wal/names.ts';
import { readRequestRecords } from '../../harness/redo/request/request-records.ts';
import type { Tape } from '../../harness/redo/tape/tape.ts';
import type { TapeRequest } from '../../harness/redo/tape/tape-index.ts';
import { breakBundle, type Fault, type FaultyRequest } from '../support/broken-bundle.ts';
import { judged } from '../support/redoubt-command.ts';
import { referenceBundle, smallTape } from '../support/small-tape.ts';

/* Each way of being wrong is caught by the gate, with exit 1 and words that name it; the reference bundle is not. */

const major = 17;

interface Expectation {
  readonly name: string;
  readonly fault: (at: FaultyRequest) => Fault;
  readonly code: string;
  readonly words: RegExp;
  /** How many pages differ from recovery because of the one fault. */
  readonly differences: number;
  readonly options?: string;
}

const expectations: readonly Expectation[] = [
  {
    name: 'one byte of one page flipped',
    fault: (at) => ({ kind: 'flip-byte', at, offsetBytes: 5000 }),
    code: 'page-content',
    words: /first difference at byte 5000 \(.+\): [0-9a-f]{2} expected, [0-9a-f]{2} found/,
    differences: 1,
  },
  {
    name: 'a record not applied',
    fault: (at) => ({ kind: 'skip-record', at }),
    code: 'page-records-missing',
    words: /the last 1 record was not applied/,
    differences: 1,
  },
  {
    name: "the previous request's page returned",
    fault: (at) => ({ kind: 'previous-page', at }),
    code: 'page-previous-answer',
    words: /is the previous request's page/,
    differences: 1,
  },
  {
    name: 'a torn page',
    fault: (at) => ({ kind: 'torn-page', at }),
    code: 'page-content',
    words: /first difference at byte (409[6-9]|4[1-9]\d\d|[5-8]\d{3}) \(/,
    differences: 1,
  },
  {
    name: 'two items that changed places',
    fault: (at) => ({ kind: 'swap-items', at }),
    code: 'page-content',
    words: /first difference at byte 2[4-7] \(pd_linp of item 1\): [0-9a-f]+ expected, [0-9a-f]+ found/,
    differences: 1,
  },
  {
    name: 'a wrong page LSN',
    fault: (at) => ({ kind: 'wrong-lsn', at }),
    code: 'page-lsn',
    words: /has the wrong page LSN: [0-9A-F/]+ instead of [0-9A-F/]+, all other bytes are right/,
    differences: 1,
  },
  {
    name: 'death by a signal, the rest judged after a restart',
    fault: (at) => ({ kind: 'crash', at }),
    code: 'walredo-died',
    words: /walredo was killed by SIGSEGV at request \d+ \(.+\)/,
    differences: 1,
  },
  {
    name: 'exit 1 with a message',
    fault: (at) => ({ kind: 'exit', at, message: 'could not do it' }),
    code: 'walredo-died',
    words: /walredo exited with code 1 at request \d+ .*could not do it/,
    differences: 1,
  },
  {
    name: 'a hang',
    fault: (at) => ({ kind: 'hang', at }),
    code: 'walredo-hung',
    words: /no answer for 6 s \(time limit\) and was killed at request \d+/,
    differences: 1,
    options: '--answer-timeout 6 ',
  },
  {
    name: 'output cut short',
    fault: (at) => ({ kind: 'cut-short', at }),
    code: 'walredo-output-short',
    words: /output is cut short: 4096 of 8192 bytes for request \d+/,
    differences: 1,
  },
  {
    name: 'extra bytes',
    fault: () => ({ kind: 'extra-bytes' }),
    code: 'walredo-extra-bytes',
    words: /wrote 11 extra bytes after its last answer/,
    differences: 0,
  },
  {
    name: 'chatter on stderr',
    fault: (at) => ({ kind: 'chatter', at, message: 'hello from the bundle' }),
    code: 'walredo-chatter',
    words: /chattered on stderr.*hello from the bundle/,
    differences: 0,
  },
  {
    name: 'an allow-list that lacks a call it needs',
    fault: () => ({ kind: 'seccomp-omits', systemCall: 0 }),
    code: 'walredo-blocked-call',
    words: /its own seccomp filter forbids: read \(0\)/,
    differences: -1,
  },
];

test.group('broken bundles', (group) => {
  let reference: Bundle;
  let tape: Tape;
  let request: TapeRequest;
  group.setup(async () => {
    reference = await referenceBundle();
    tape = await smallTape(major);
    request = requestThatShows(tape);
  });

  for (const { name, fault, code, words, differences, options = '' } of expectations) {
    test(`catch: ${name}`, async ({ assert }) => {
      await using scratch = await temporaryDirectory('a broken bundle');
      const candidate = await breakBundle(
        reference,
        fault({ kind: 'page', key: request.key }),
        join(scratch.path, 'bundle'),
      );
      const { exitCode, report } = await judged(
        `gate --suites walredo --pg ${String(major)} --hosts debian:12 --tape ${tape.directory} --candidate ${candidate} ${options}--report ${join(scratch.path, 'report')}`,
      );
      assert.equal(exitCode, 1, report.sentence);
      assert.equal(report.verdict, 'incompatible');
      const [first] = report.findings;
      assert.equal(first?.code, code, report.sentence);
      assert.match(first?.message ?? '', words);
      if (differences >= 0) assert.equal(report.differences, differences);
      else assert.isAbove(report.differences, 0);
    });
  }

  test('catch: an allow-list that lacks even write, with the signal that it died of', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a broken bundle');
    const candidate = await breakBundle(
      reference,
      { kind: 'seccomp-omits', systemCall: 1 },
      join(scratch.path, 'bundle'),
    );
    const { exitCode, report } = await judged(
      `replay ${tape.directory} --hosts debian:12 --bundle ${candidate} --report ${join(scratch.path, 'report')}`,
    );
    assert.equal(exitCode, 1);
    assert.match(report.sentence, /killed by SIGSYS.*its seccomp filter forbids a system call/);
  });

  test('catch: a server that does not start', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a broken bundle');
    // A fault that never shows: what is broken is removed by hand.
    const never = { kind: 'chatter', at: { kind: 'request', number: 1_000_000 }, message: 'never' } as const;
    const candidate = await breakBundle(reference, never, join(scratch.path, 'bundle'), [15, major]);
    await rm(join(candidate, 'storage/v15/lib/postgresql/15/bin/postgres-server'));
    const { exitCode, report } = await judged(
      `gate --suites contract --hosts debian:12 --candidate ${candidate} --report ${join(scratch.path, 'report')}`,
    );
    assert.equal(exitCode, 1);
    assert.deepEqual(report.majors, [15, major]);
    const failures = report.findings.filter(({ code }) => code === 'launch-failed');
    assert.includeMembers(
      failures.map(({ check }) => check),
      ['pg15/debian:12/contract/programs', 'pg15/debian:12/contract/kept-tape'],
    );
    assert.isEmpty(failures.filter(({ check }) => !check.startsWith('pg15/')));
  });

  test('catch: initdb that fails', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a broken bundle');
    const candidate = await breakBundle(
      reference,
      { kind: 'initdb-fails', message: 'no space for rent' },
      join(scratch.path, 'bundle'),
    );
    const { exitCode, report } = await judged(initdbAlone(candidate, scratch.path));
    assert.equal(exitCode, 1);
    assert.deepEqual([...new Set(report.findings.map(({ code }) => code))], ['initdb-failed']);
    assert.match(report.sentence, /no space for rent/);
  });

  test('catch: initdb that writes elsewhere', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a broken bundle');
    const candidate = await breakBundle(
      reference,
      { kind: 'initdb-elsewhere', path: '/inout/stray' },
      join(scratch.path, 'bundle'),
    );
    const { exitCode, report } = await judged(initdbAlone(candidate, scratch.path));
    assert.equal(exitCode, 1);
    assert.deepEqual(
      report.findings.map(({ code }) => code),
      ['initdb-wrong-place'],
    );
    assert.match(report.sentence, /also wrote outside of --pgdata: stray/);
  });

  for (const from of ['collation', 'libc-version'] as const) {
    test(`catch: pages that change with the ${from} of the host`, async ({ assert }) => {
      await using scratch = await temporaryDirectory('a leaky bundle');
      const candidate = await breakBundle(reference, { kind: 'leak', from }, join(scratch.path, 'bundle'));
      const { exitCode, report } = await judged(
        `replay ${tape.directory} --bundle ${candidate} --report ${join(scratch.path, 'report')}`,
      );
      assert.equal(exitCode, 1);
      const codes = new Set(report.findings.map(({ code }) => code));
      assert.isTrue(codes.has('hosts-differ'), report.sentence);
      assert.isAbove(report.compared.hosts.differences, 0);
    });
  }

  test('pass the reference bundle on the same tape', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a report');
    const { exitCode, report } = await judged(
      `replay ${tape.directory} --report ${join(scratch.path, 'report')}`,
    );
    assert.equal(exitCode, 0, report.sentence);
    assert.equal(report.differences, 0);
  });
});

function initdbAlone(candidate: string, scratch: string): string {
  return `gate --suites initdb --pg ${String(major)} --hosts debian:12 --candidate ${candidate} --report ${join(scratch, 'report')}`;
}

/** A judged heap page with a base, whose last record changes it and is not the first of the tape. */
function requestThatShows(tape: Tape): TapeRequest {
  for (const request of tape.index) {
    if (request.oracle === 'none' || request.number < 5 || request.origin !== 'base' || request.records < 3)
      continue;
    const last = readRequestRecords(tape.readRequest(request)).records.at(-1);
    if (last === undefined) continue;
    const { rmgrId, info } = decodeRecord(rawRecordFromBytes(last.bytes, last.endLsn), major);
    if (['INSERT', 'UPDATE', 'HOT_UPDATE', 'DELETE'].includes(recordKind(rmgrId, info, major)))
      return request;
  }
  throw new Error('the small tape has no heap page that ends with an insert, update or delete');
}
