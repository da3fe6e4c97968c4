import { test } from '@japa/runner';

import { judge } from '../../harness/verdict/judge.ts';
import type { GateEvent } from '../../harness/verdict/event.ts';
import {
  type AcceptedFinding,
  describeTolerance,
  policyFaults,
  type PolicyFacts,
  toleranceOf,
} from '../../harness/verdict/tolerance.ts';
import { checks, ended, over, pageFinding, planned, started, tally, timed } from './run-events.ts';

const [first, second] = checks.map(({ id }) => id) as [string, string, ...string[]];

const accepted: AcceptedFinding = {
  code: 'page-content',
  check: 'pg15/*/contract/*',
  reason: 'known, see STO-1',
  owner: 'storage',
  expires: '2027-01-31',
};

function policyWith(change: Partial<PolicyFacts> = {}): PolicyFacts {
  return {
    path: 'redoubt.config.ts',
    digest: 'd'.repeat(64),
    date: '2027-01-15',
    warnings: [],
    accepted: [accepted],
    ...change,
  };
}

function granted(policy: PolicyFacts, check: string): GateEvent {
  const tolerance = toleranceOf(policy, check, pageFinding);
  return { type: 'finding', check, finding: pageFinding, ...(tolerance === undefined ? {} : { tolerance }) };
}

/** A run under a policy in which the checks named found what the policy says something of. */
function runUnder(policy: PolicyFacts, ...finding: readonly string[]): readonly GateEvent[] {
  return [
    started,
    { type: 'policy', policy },
    planned(),
    ...checks.flatMap(({ id }) => {
      if (!finding.includes(id)) return [ended(id, 'passed', [tally])];
      const found = granted(policy, id);
      const stands = found.type === 'finding' && found.tolerance !== undefined;
      return [found, ended(id, stands ? 'accepted' : 'failed')];
    }),
    over(),
  ];
}

function faultsAfter(id: string, isJudged: boolean): readonly string[] {
  return policyFaults(policyWith(), [{ id, isJudged, tolerances: [] }]);
}

test.group('toleranceOf', () => {
  test('accepts {what}: {is}')
    .with([
      { what: 'what it names', change: {}, check: first, is: true },
      { what: 'another check', change: {}, check: 'pg17/debian:11/contract/one', is: false },
      { what: 'a check that goes on', change: { check: 'pg15/*/contract' }, check: first, is: false },
      { what: 'a message with its words', change: { message: 'block 3' }, check: first, is: true },
      { what: 'a message without', change: { message: 'block 4' }, check: first, is: false },
      { what: 'another code', change: { code: 'page-lsn' as const }, check: first, is: false },
      { what: 'on its last day', change: { expires: '2027-01-15' }, check: first, is: true },
      { what: 'a day later', change: { expires: '2027-01-14' }, check: first, is: false },
      { what: 'signs as they are', change: { check: 'pg15.debian:11.contract/*' }, check: first, is: false },
    ])
    .run(({ assert }, { change, check, is }) => {
      const policy = policyWith({ accepted: [{ ...accepted, ...change }] });
      assert.equal(toleranceOf(policy, check, pageFinding)?.kind === 'accepted', is);
    });

  test('warns of a kind, and rather names who accepts it', ({ assert }) => {
    const warning = policyWith({ accepted: [], warnings: ['page-content'] });
    assert.deepEqual(toleranceOf(warning, first, pageFinding), { kind: 'warning' });
    const both = policyWith({ warnings: ['page-content'] });
    const tolerance = toleranceOf(both, first, pageFinding);
    assert.deepEqual(tolerance, {
      kind: 'accepted',
      entry: 0,
      reason: 'known, see STO-1',
      owner: 'storage',
      expires: '2027-01-31',
    });
    assert.equal(
      tolerance === undefined ? '' : describeTolerance(tolerance),
      'accepted by storage until 2027-01-31: known, see STO-1',
    );
  });
});

test.group('policyFaults', () => {
  test('tells an expired one, whether it was found or not', ({ assert }) => {
    assert.deepEqual(policyFaults(policyWith({ date: '2027-02-01' }), []), [
      'the accepted finding page-content of pg15/*/contract/* (owner storage) expired on 2027-01-31',
    ]);
  });

  test('tells no unused one of a shard, where another may find it', ({ assert }) => {
    const checked = [{ id: first, isJudged: true, tolerances: [] }];
    assert.lengthOf(policyFaults(policyWith(), checked), 1);
    assert.deepEqual(policyFaults(policyWith(), checked, false), []);
  });

  test('tells an unused one, once a check that it names was judged', ({ assert }) => {
    assert.deepEqual(faultsAfter(first, true), [
      'the accepted finding page-content of pg15/*/contract/* (owner storage) is not found any more: take it out of redoubt.config.ts',
    ]);
    assert.deepEqual(faultsAfter(first, false), []);
    assert.deepEqual(faultsAfter('pg17/debian:11/contract/one', true), []);
  });
});

test.group('judge, under a policy', () => {
  test('what is accepted passes, and the sentence says so', ({ assert }) => {
    const { verdict, exitCode, sentence, counts } = judge(timed(...runUnder(policyWith(), first, second)));
    assert.deepEqual([verdict, exitCode], ['compatible', 0]);
    assert.equal(sentence, 'compatible (contract, walredo), with 2 accepted findings');
    assert.deepEqual(counts, { planned: 16, run: 16, passed: 14, failed: 0, accepted: 2, notJudged: 0 });
  });

  test('a warning passes, and the sentence says so', ({ assert }) => {
    const policy = policyWith({ accepted: [], warnings: ['page-content'] });
    assert.equal(
      judge(timed(...runUnder(policy, first))).sentence,
      'compatible (contract, walredo), with 1 warning',
    );
  });

  test('what else is found fails, and is the cause', ({ assert }) => {
    const last = checks.at(-1)?.id ?? '';
    const { exitCode, sentence } = judge(timed(...runUnder(policyWith(), first, last)));
    assert.equal(exitCode, 1);
    assert.match(sentence, /^incompatible \(walredo\): public\.words .*, with 1 accepted finding$/);
  });

  test('an expired and an unused entry fail', ({ assert }) => {
    const expired = judge(timed(...runUnder(policyWith({ date: '2027-03-01' }))));
    assert.equal(expired.exitCode, 1);
    assert.match(expired.sentence, /^incompatible \(policy\): .* expired on 2027-01-31$/);
    const unused = judge(timed(...runUnder(policyWith())));
    assert.equal(unused.exitCode, 1);
    assert.match(unused.sentence, /^incompatible \(policy\): .* is not found any more/);
  });

  test('an expired entry lets what it named fail', ({ assert }) => {
    const { exitCode, sentence } = judge(timed(...runUnder(policyWith({ date: '2027-03-01' }), first)));
    assert.equal(exitCode, 1);
    assert.match(sentence, /^incompatible \(contract\): public\.words .*; policy: .* expired on 2027-01-31$/);
  });

  test('events that accept on their own prove nothing: {what}')
    .with([
      { what: 'no policy', change: (event: GateEvent) => event.type !== 'policy', words: /by no policy/ },
      {
        what: 'no finding',
        change: (event: GateEvent) => event.type !== 'finding',
        words: /nothing was found/,
      },
    ])
    .run(({ assert }, { change, words }) => {
      const { exitCode, sentence } = judge(timed(...runUnder(policyWith(), first).filter(change)));
      assert.equal(exitCode, 3);
      assert.match(sentence, words);
    });

  test('an acceptance without a tolerance, or of another entry, proves nothing', ({ assert }) => {
    const run = runUnder(policyWith(), first);
    const without = run.map((event) =>
      event.type === 'finding' ? { type: event.type, check: event.check, finding: event.finding } : event,
    );
    assert.match(judge(timed(...without)).sentence, /nothing accepts page-content/);
    const other = run.map((event) =>
      event.type === 'finding' && event.tolerance?.kind === 'accepted'
        ? { ...event, tolerance: { ...event.tolerance, entry: 1 } }
        : event,
    );
    assert.match(judge(timed(...other)).sentence, /by no policy/);
  });
});
