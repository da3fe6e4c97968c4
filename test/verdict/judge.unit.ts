import { test } from '@japa/runner';
import * as fc from 'fast-check';

import type { GateEvent, Outcome } from '../../harness/verdict/event.ts';
import { judge, type Judgement } from '../../harness/verdict/judge.ts';
import { cells, checks, ended, found, over, planned, started, tally, timed, wholeRun } from './run-events.ts';

const [first, second, third] = checks.map(({ id }) => id) as [string, string, string, ...string[]];

function judged(...events: readonly GateEvent[]): Judgement {
  return judge(timed(...events));
}

/** The verdict, the exit code that must go with it, and the sentence. */
function outcomeOf({ verdict, exitCode, sentence }: Judgement): readonly unknown[] {
  return [verdict, exitCode, sentence];
}

test.group('judge', () => {
  test('says compatible, naming the suites, only when every planned check passed', ({ assert }) => {
    const judgement = judged(...wholeRun());
    assert.deepEqual(outcomeOf(judgement), ['compatible', 0, 'compatible (contract, walredo)']);
    assert.deepEqual(judgement.counts, {
      planned: 16,
      run: 16,
      passed: 16,
      failed: 0,
      accepted: 0,
      notJudged: 0,
    });
    assert.deepEqual(
      judgement.cells.map(({ verdict }) => verdict),
      cells.map(() => 'compatible'),
    );
    assert.deepEqual(judgement.cells[0]?.checks[0]?.tallies, [tally]);
  });

  test('says so when bundle and WAL are of different minors: no equality is claimed then', ({ assert }) => {
    const skew = { major: 17, wal: '17.0', bundle: '17.11', tapes: ['records'] };
    const [begin, ...rest] = wholeRun();
    assert.exists(begin);
    if (begin === undefined) return;
    assert.deepEqual(outcomeOf(judged(begin, { type: 'skew', skew }, ...rest)), [
      'compatible',
      0,
      'compatible (contract, walredo), across minors: PostgreSQL 17.11 on WAL of 17.0',
    ]);
    assert.notInclude(judged(begin, { type: 'skew', skew }).sentence, 'minors');
    const twice = ['old', 'new'].map((bundle): GateEvent => ({
      type: 'skew',
      skew: { variant: { bundle }, ...skew },
    }));
    assert.match(judged(...twice, ...wholeRun()).sentence, /minors: PostgreSQL 17\.11 on WAL of 17\.0$/);
  });

  test('names the hosts that could not be had: nothing is said of them', ({ assert }) => {
    const absent = { type: 'host-absent', host: { name: 'amazonlinux:2', reason: 'no daemon' } } as const;
    const [begin, ...rest] = wholeRun();
    assert.exists(begin);
    if (begin === undefined) return;
    assert.deepEqual(outcomeOf(judged(begin, absent, ...rest)), [
      'compatible',
      0,
      'compatible (contract, walredo); hosts not judged: amazonlinux:2',
    ]);
    assert.notInclude(judged(begin, absent).sentence, 'amazonlinux');
  });

  test('says incompatible when one failed, with the cause and the suite it lies in', ({ assert }) => {
    const judgement = judged(...wholeRun({ [second]: 'failed' }));
    assert.deepEqual(outcomeOf(judgement), [
      'incompatible',
      1,
      'incompatible (contract): public.words main block 3 has other contents [1 of 16 checks failed]',
    ]);
    assert.deepEqual(judgement.counts, {
      planned: 16,
      run: 16,
      passed: 15,
      failed: 1,
      accepted: 0,
      notJudged: 0,
    });
    assert.deepEqual(
      judgement.cells.map(({ verdict }) => verdict),
      ['incompatible', ...cells.slice(1).map(() => 'compatible')],
    );
    assert.lengthOf(judgement.cells[0]?.checks[1]?.findings ?? [], 1);
  });

  test('says not judged, with the reason, when one could not be', ({ assert }) => {
    const judgement = judged(...wholeRun({ [second]: 'not judged', [third]: 'not judged' }));
    assert.deepEqual(outcomeOf(judgement), [
      'not judged',
      3,
      `not judged: ${second}: not judged for a reason (and 1 more)`,
    ]);
    assert.deepEqual(judgement.counts, {
      planned: 16,
      run: 14,
      passed: 14,
      failed: 0,
      accepted: 0,
      notJudged: 2,
    });
  });

  test('lets a failure stand beside checks that could not be judged, and names those', ({ assert }) => {
    const last = checks.at(-1)?.id ?? '';
    const { verdict, exitCode, sentence } = judged(...wholeRun({ [first]: 'failed', [last]: 'not judged' }));
    assert.deepEqual([verdict, exitCode], ['incompatible', 1]);
    assert.match(sentence, /1 of 16 checks failed; not judged: walredo/);
    const sameCell = judged(...wholeRun({ [first]: 'failed', [second]: 'not judged' }));
    assert.equal(sameCell.cells[0]?.verdict, 'incompatible');
  });

  test('takes a reason where no finding was left', ({ assert }) => {
    const events = wholeRun({ [first]: 'failed' }).filter(({ type }) => type !== 'finding');
    assert.match(judged(...events).sentence, /^incompatible \(contract\): failed for a reason/);
  });

  test('never judges a run that did not come to its end, whatever it had found', ({ assert }) => {
    const failing = wholeRun({ [first]: 'failed' });
    for (let length = 0; length < failing.length; length++) {
      const { verdict, exitCode, sentence } = judged(...failing.slice(0, length));
      assert.deepEqual([verdict, exitCode], ['not judged', 3]);
      assert.match(
        sentence,
        /^not judged: incomplete: the run was cut off (before anything was planned|after \d+ of 16 checks(, 1 of which failed)?)$/,
      );
    }
    const passing = wholeRun();
    for (let length = 0; length < passing.length; length++)
      assert.equal(judged(...passing.slice(0, length)).exitCode, 3);
  });

  test('never judges a run that failed, whatever it had found', ({ assert }) => {
    const broken: GateEvent = { type: 'run-failed', code: 'interrupted', reason: 'interrupted by SIGINT' };
    for (const run of [wholeRun(), wholeRun({ [first]: 'failed' })]) {
      for (const events of [
        [...run.slice(0, -1), broken],
        [...run, broken],
        [started, broken],
      ]) {
        assert.deepEqual(outcomeOf(judged(...events)), [
          'not judged',
          3,
          'not judged: interrupted by SIGINT',
        ]);
      }
    }
  });

  test('never judges when the counts do not add up', ({ assert }) => {
    const run = wholeRun({ [first]: 'failed' }).slice(0, -1);
    for (const testsRun of [0, 15, 17]) {
      const { exitCode, sentence } = judged(...run, over(testsRun));
      assert.equal(exitCode, 3);
      assert.equal(sentence, `not judged: 16 checks were planned, but ${String(testsRun)} ran`);
    }
  });

  test('never judges nothing', ({ assert }) => {
    const nothing = 'not judged: nothing was planned';
    assert.deepEqual(outcomeOf(judged(started, over(0))), ['not judged', 3, nothing]);
    assert.deepEqual(outcomeOf(judged(started, planned([], []), over(0))), ['not judged', 3, nothing]);
    const idle = cells.at(-1)?.id ?? '';
    const others = checks.filter(({ cell }) => cell !== idle);
    const events = [planned(cells, others), ...others.map(({ id }) => ended(id)), over(others.length)];
    assert.deepEqual(outcomeOf(judged(started, ...events)), [
      'not judged',
      3,
      `not judged: nothing was planned for ${idle}`,
    ]);
  });

  test('counts a check that never ended as not judged', ({ assert }) => {
    const events = wholeRun().filter((event) => event.type !== 'check-ended' || event.check !== third);
    const { exitCode, sentence, counts } = judged(...events);
    assert.equal(exitCode, 3);
    assert.equal(sentence, `not judged: ${third}: it never ended`);
    assert.equal(counts.notJudged, 1);
  });

  test('proves nothing from events that contradict one another', ({ assert }) => {
    const run = wholeRun();
    const cases = [
      [[...run, ended('pg15/debian:11/contract/three', 'failed')], /three has results, but was not planned/],
      [[...run, found('pg15/debian:13/contract/one')], /contract\/one has results, but was not planned/],
      [[...run, found(first)], /passed, although something was found/],
      [[...run, ended(first)], /ended twice/],
      [[started, planned(), ended(first, 'failed'), ...run.slice(2)], /ended twice/],
    ] as const;
    for (const [events, words] of cases) {
      const { exitCode, sentence } = judged(...events);
      assert.equal(exitCode, 3, sentence);
      assert.match(sentence, words);
    }
  });

  test('adds up for any mixture of outcomes', ({ assert }) => {
    const outcome = fc.constantFrom<Outcome>('passed', 'failed', 'not judged');
    fc.assert(
      fc.property(fc.array(outcome, { minLength: checks.length, maxLength: checks.length }), (outcomes) => {
        const named = Object.fromEntries(checks.map(({ id }, index) => [id, outcomes[index] ?? 'passed']));
        const { counts, verdict, exitCode, cells: judgedCells } = judged(...wholeRun(named));
        assert.equal(counts.planned, counts.run + counts.notJudged);
        assert.equal(counts.run, counts.passed + counts.failed);
        assert.equal(counts.planned, checks.length);
        const expected = outcomes.includes('failed')
          ? 'incompatible'
          : outcomes.includes('not judged')
            ? 'not judged'
            : 'compatible';
        assert.equal(verdict, expected);
        assert.equal(exitCode, { compatible: 0, incompatible: 1, 'not judged': 3 }[expected]);
        assert.equal(
          judgedCells.some((cell) => cell.verdict === 'incompatible'),
          verdict === 'incompatible',
        );
      }),
    );
  });
});
