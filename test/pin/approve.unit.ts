import { test } from '@japa/runner';

import type { RedoubtError } from '../../harness/error.ts';
import { approve, type RequiredPages, type RequiredScope } from '../../harness/pin/approve.ts';
import { deriveReport } from '../../harness/report/report.ts';
import type { GateEvent, RunOptions } from '../../harness/verdict/event.ts';
import { thrownBy } from '../support/thrown.ts';
import { started, timed } from '../verdict/run-events.ts';
import { acceptedRun, approvedRun, captures, judgedDigest, judgedPolicy, replayed } from './approved-run.ts';

const bundle = { digest: judgedDigest, source: 'bundle.tar.zst' };
const scope: RequiredScope = {
  suites: ['contract', 'walredo'],
  majors: [15, 17],
  hosts: ['debian:11', 'debian:12'],
  locales: ['libc:C.UTF-8', 'icu:und'],
  usualLocales: ['libc:C.UTF-8', 'icu:und'],
  answerTimeoutMs: 60_000,
  pages: { kind: 'captured', captures, computeImages: [] },
};
const matrix = { bundles: ['bundle'], computeImages: ['debian:12'], workloads: ['default'], plan: 'p' };
const digest = 'e'.repeat(64);

function approval(events: readonly GateEvent[], required = scope): ReturnType<typeof approve> {
  return approve({ report: deriveReport(timed(...events)), digest }, bundle, required);
}

function refused(events: readonly GateEvent[], required = scope): RedoubtError {
  return thrownBy(() => approval(events, required));
}

/** The run, asked for with other options. */
function withOptions(options: Partial<RunOptions>): readonly GateEvent[] {
  return withEvent('options', (event) =>
    event.type === 'options' ? [{ ...event, options: { ...event.options, ...options } }] : [],
  );
}

/** The run over these tapes instead. */
function withTapes(tapes: readonly GateEvent[]): readonly GateEvent[] {
  return approvedRun().flatMap((event) =>
    event.type === 'planned' ? [event, ...tapes] : event.type === 'tape' ? [] : [event],
  );
}

function withPages(pages: RequiredPages): RequiredScope {
  return { ...scope, pages };
}

function withImages(computeImages: readonly string[]): RequiredScope {
  return withPages({ kind: 'captured', captures, computeImages });
}

function digestOf(major: number, label: string): string {
  const event = replayed(major, label);
  return event.type === 'tape' ? event.tape.digest : '';
}

/** The run with another event in the place of each of a type. */
function withEvent(
  type: GateEvent['type'],
  change: (event: GateEvent) => readonly GateEvent[],
): readonly GateEvent[] {
  return approvedRun().flatMap((event) => (event.type === type ? change(event) : [event]));
}

test.group('approve', () => {
  test('a complete, passing report of that bundle approves it', ({ assert }) => {
    assert.deepEqual(approval(approvedRun()), {
      report: digest,
      sentence: 'compatible (contract, walredo)',
      redoubtVersion: '0.1.0',
      suites: ['contract', 'walredo'],
      hosts: ['debian:11', 'debian:12'],
      computeImages: ['debian:13'],
      policy: null,
      accepted: [],
    });
  });

  test('what was accepted goes into the lock', ({ assert }) => {
    const { accepted, policy, sentence } = approval(acceptedRun());
    assert.deepEqual(accepted, judgedPolicy.accepted);
    assert.equal(policy, judgedPolicy.digest);
    assert.equal(sentence, 'compatible (contract, walredo), with 1 accepted finding');
  });

  test('a failed report does not', ({ assert }) => {
    const error = refused(
      approvedRun().map((event): GateEvent =>
        event.type === 'check-ended' && event.check === 'pg17/debian:12/walredo/two'
          ? { ...event, outcome: 'failed', reason: 'a page differs' }
          : event,
      ),
    );
    assert.deepEqual([error.code, error.exitCode], ['report-failed', 1]);
    assert.match(error.message, /does not approve the bundle: incompatible \(walredo\): a page differs/);
  });

  test('one that was not judged does not', ({ assert }) => {
    const error = refused(
      approvedRun().map((event): GateEvent =>
        event.type === 'check-ended' && event.check === 'pg17/debian:12/walredo/two'
          ? { ...event, outcome: 'not judged', reason: 'no disk' }
          : event,
      ),
    );
    assert.deepEqual([error.code, error.exitCode], ['report-not-judged', 3]);
    assert.match(error.message, /no disk/);
  });

  test('one of another bundle does not', ({ assert }) => {
    const other = withEvent('bundle', (event) =>
      event.type === 'bundle' ? [{ ...event, bundle: { ...event.bundle, digest: 'f'.repeat(64) } }] : [],
    );
    const error = refused(other);
    assert.deepEqual([error.code, error.exitCode], ['report-of-other-bundle', 2]);
    assert.match(error.message, /of another bundle: it judged bundle\.tar\.zst \(sha256 f{64}\), and/);
    assert.equal(refused(withEvent('bundle', () => [])).code, 'report-of-other-bundle');
    assert.match(refused(withEvent('bundle', (event) => [event, event])).message, /judges 2 candidates/);
  });

  test('one that leaves out {what} does not')
    .with([
      { what: 'a suite', change: { suites: ['contract', 'initdb', 'walredo'] }, says: 'suite initdb' },
      { what: 'a major', change: { majors: [15, 16, 17, 18] }, says: 'PostgreSQL 16, 18' },
      { what: 'a host', change: { hosts: ['debian:12', 'debian:13'] }, says: 'host debian:13' },
    ])
    .run(({ assert }, { change, says }) => {
      const error = refused(approvedRun(), { ...scope, ...change });
      assert.deepEqual([error.code, error.exitCode], ['report-incomplete', 2]);
      assert.include(error.message, `it does not judge ${says}`);
    });

  test('one of some checks alone does not', ({ assert }) => {
    const error = refused(withOptions({ only: 'match "x"' }));
    assert.equal(error.code, 'report-incomplete');
    assert.match(error.message, /it has only those checks that match "x"/);
  });

  test('one that was not told of a locale in use does not', ({ assert }) => {
    const told = withOptions({ locales: ['icu:und'] });
    const error = refused(told);
    assert.deepEqual([error.code, error.exitCode], ['report-incomplete', 2]);
    assert.match(error.message, /it was not told that libc:C\.UTF-8 are in use/);
    assert.match(refused(approvedRun(), { ...scope, locales: ['icu:sv'] }).message, /that icu:sv are/);
    assert.doesNotThrow(() => approval(told, { ...scope, locales: ['icu:und'] }));
    assert.doesNotThrow(() => approval(withOptions({ locales: ['icu:sv', 'icu:und', 'libc:C.UTF-8'] })));
  });

  test('one that waited longer than a pageserver does not', ({ assert }) => {
    const error = refused(withOptions({ answerTimeoutMs: 600_000 }));
    assert.equal(error.code, 'report-incomplete');
    assert.match(error.message, /it waited up to 600 s for a page, where 60 s is the limit/);
    assert.doesNotThrow(() => approval(withOptions({ answerTimeoutMs: 5000 })));
  });

  test('one of a matrix that replays workloads of its own alone does not', ({ assert }) => {
    const error = refused(withOptions({ matrix: { ...matrix, workloads: ['mine'] } }));
    assert.equal(error.code, 'report-incomplete');
    assert.match(error.message, /it replays mine alone, not the usual workloads/);
    assert.doesNotThrow(() => approval(withOptions({ matrix })));
  });

  test('one over given tapes alone does not, unless the policy names them', ({ assert }) => {
    const given = withTapes([15, 17].map((major) => replayed(major, 'mine', null)));
    const error = refused(given);
    assert.deepEqual([error.code, error.exitCode], ['report-incomplete', 2]);
    assert.match(
      error.message,
      /of PostgreSQL 15 it replays only what it was given \(mine\), and none of what the gate captures by itself \(records, images\)$/,
    );
    assert.match(error.remedy ?? '', /^Run the gate without --tape\. .*redoubt\.config\.ts: tapes: \[/);
    const named = withPages({
      kind: 'given',
      tapes: [15, 17].map((major) => ({ path: `tapes/${String(major)}`, digest: digestOf(major, 'mine') })),
    });
    assert.doesNotThrow(() => approval(given, named));
    // A tape of a standard name is none of the gate's own.
    const disguised = [15, 17].flatMap((major) => captures.map((label) => replayed(major, label, null)));
    assert.equal(refused(withTapes(disguised)).code, 'report-incomplete');
    assert.doesNotThrow(() => approval(withTapes([]), { ...scope, suites: ['contract'] }));
  });

  test('one over other tapes than those of the policy does not', ({ assert }) => {
    const named = withPages({ kind: 'given', tapes: [{ path: 'tapes/mine', digest: digestOf(17, 'mine') }] });
    const error = refused(approvedRun(), named);
    assert.match(error.message, /it does not replay tapes\/mine \(sha256 [0-9a-f]{12}\)$/);
    assert.match(error.remedy ?? '', /^Run the gate under redoubt\.config\.ts without --tape/);
    const other = withTapes([replayed(17, 'mine2', null)]);
    assert.equal(refused(other, named).code, 'report-incomplete');
  });

  test('one without a usual capture, or of another compute image than the policy says, does not', ({
    assert,
  }) => {
    const [first, ...others] = [15, 17].flatMap((major) => captures.map((label) => replayed(major, label)));
    assert.match(refused(withTapes(others)).message, /of PostgreSQL 15 it does not replay records$/);
    const both = withTapes([first ?? started, ...others, replayed(17, 'records', 'npm:17.10')]);
    assert.match(
      refused(approvedRun(), withImages(['debian:13', 'npm:17.10'])).message,
      /no page in it comes from npm:17\.10$/,
    );
    assert.doesNotThrow(() => approval(both, withImages(['debian:13', 'npm:17.10'])));
  });

  test('one of a shard alone, or without a page held against recovery, does not', ({ assert }) => {
    const shard = withOptions({ matrix: { ...matrix, shard: { index: 1, count: 3 } } });
    assert.match(refused(shard).message, /shard 1 of 3 alone/);
    const without = withEvent('check-ended', (event) =>
      event.type === 'check-ended' ? [{ ...event, tallies: [] }] : [],
    );
    assert.match(refused(without).message, /no page in it was held against recovery/);
  });
});
