import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { newsOf } from '../../harness/nightly/news.ts';
import { newsLines } from '../../harness/nightly/news-words.ts';
import type { NightlyRun } from '../../harness/nightly/nightly-run.ts';
import type { Palette } from '../../harness/report/console-view.ts';
import { check, finding, night } from './runs.ts';

const plain = (text: string): string => text;
const colourless: Palette = { good: plain, bad: plain, doubtful: plain, faint: plain, strong: plain };

function withInput(run: NightlyRun, name: string, digit: string): NightlyRun {
  return { ...run, inputs: { ...run.inputs, [name]: { digest: digit.repeat(64), words: `${name} new` } } };
}

const bad = { findings: [finding()] };

function nightOf(day: number, keys: readonly string[]): NightlyRun {
  return night(day, { findings: keys.map((key) => finding({ key })) });
}

function textOf(runs: readonly NightlyRun[], today: NightlyRun): string {
  return newsLines(today, newsOf(runs, today), [], colourless).join('\n');
}

test.group('newsOf', () => {
  test('a first run has nothing to compare with', ({ assert }) => {
    const news = newsOf([], night(1, bad));
    assert.isNull(news.previousAt);
    assert.lengthOf(news.fresh, 1);
    assert.isNull(news.fresh[0]?.firstBad.lastGoodAt);
  });

  test('tells what is new, with the bundle that was changed', ({ assert }) => {
    const history = [night(1), night(2)];
    const { fresh, still, gone, verdictBefore } = newsOf(history, withInput(night(3, bad), 'candidate', 'f'));
    assert.deepEqual([fresh.length, still, gone], [1, [], []]);
    assert.equal(verdictBefore, 'compatible');
    assert.containSubset(fresh[0]?.firstBad, {
      at: night(3).at,
      lastGoodAt: night(2).at,
      changed: [{ name: 'candidate', from: { digest: 'a'.repeat(64) }, to: { digest: 'f'.repeat(64) } }],
    });
  });

  test('tells since when one is there, and what was changed then', ({ assert }) => {
    const first = withInput(night(3, bad), 'host debian:12', 'f');
    const history = [night(2), first, withInput(night(4, bad), 'host debian:12', 'f')];
    const today = withInput(withInput(night(5, bad), 'host debian:12', 'f'), 'candidate', 'e');
    const { fresh, still } = newsOf(history, today);
    assert.deepEqual(fresh, []);
    assert.equal(still[0]?.runs, 3);
    assert.containSubset(still[0]?.firstBad, {
      at: night(3).at,
      lastGoodAt: night(2).at,
      changed: [{ name: 'host debian:12' }],
    });
    assert.lengthOf(still[0]?.firstBad.changed ?? [], 1);
  });

  test('blames no other host and no other major', ({ assert }) => {
    for (const [name, isBlamed] of [
      ['host debian:11', false],
      ['compute npm:15 of 15', false],
      ['compute npm:17 of 17', true],
    ] as const) {
      const { fresh } = newsOf([night(1)], withInput(night(2, bad), name, 'f'));
      assert.lengthOf(fresh[0]?.firstBad.changed ?? [], isBlamed ? 1 : 0, name);
    }
  });

  test('a bundle, host or image that was not there before is told as such', ({ assert }) => {
    const { fresh } = newsOf([night(1, { inputs: {} })], night(2, bad));
    assert.deepEqual(
      fresh[0]?.firstBad.changed.map(({ name, from }) => [name, from]),
      [
        ['candidate', null],
        ['host debian:12', null],
        ['compute npm:17 of 17', null],
      ],
    );
  });

  test('tells what is gone, from when to when', ({ assert }) => {
    const { gone, unseen } = newsOf([night(1), night(2, bad), night(3, bad)], night(4));
    assert.deepEqual(unseen, []);
    assert.deepEqual(
      gone.map(({ since, lastAt }) => [since, lastAt]),
      [[night(2).at, night(3).at]],
    );
  });

  test('what was not looked for is not gone, and a night that did not look breaks no row', ({ assert }) => {
    const blind = night(3, { judged: [] });
    const { gone, unseen } = newsOf([night(2, bad)], blind);
    assert.deepEqual([gone.length, unseen.length], [0, 1]);
    const { still, fresh } = newsOf([night(1), night(2, bad), blind], night(4, bad));
    assert.deepEqual([fresh.length, still[0]?.runs, still[0]?.firstBad.at], [0, 2, night(2).at]);
    assert.lengthOf(newsOf([night(2, bad), blind], night(4)).gone, 1);
  });

  test('one that comes again is new', ({ assert }) => {
    const { fresh } = newsOf([night(1, bad), night(2)], night(3, bad));
    assert.equal(fresh[0]?.firstBad.lastGoodAt, night(2).at);
  });

  test('later runs do not count, and neither does the order of the history', ({ assert }) => {
    const all = [night(1), night(2, bad), night(3, bad), night(4), night(6, bad)];
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (history) => {
        assert.deepEqual(newsOf(history, night(5, bad)), newsOf(all.slice(0, 4), night(5, bad)));
      }),
    );
  });

  test('each finding of the run is new or still there, and each is told once', ({ assert }) => {
    const some = fc.subarray(['x', 'y', 'z']);
    fc.assert(
      fc.property(fc.array(some, { maxLength: 6 }), some, (earlier, today) => {
        const { fresh, still, gone, unseen } = newsOf(
          earlier.map((keys, index) => nightOf(index + 1, keys)),
          nightOf(20, today),
        );
        assert.sameMembers(
          [...fresh, ...still].map(({ finding: { key } }) => key),
          today,
        );
        const before = earlier.at(-1) ?? [];
        assert.sameMembers(
          gone.map(({ finding: { key } }) => key),
          before.filter((key) => !today.includes(key)),
        );
        assert.deepEqual(unseen, []);
      }),
    );
  });
});

test.group('newsLines', () => {
  test('says it in words', ({ assert }) => {
    const today = withInput(night(3, bad), 'candidate', 'f');
    const lines = newsLines(today, newsOf([night(1), night(2)], today), ['runs/x is foreign'], colourless);
    assert.deepEqual(lines, [
      '',
      'nightly  2026-11-03 02:00, since 2026-11-02 02:00: 1 new, 0 gone, 0 still there',
      'verdict  was compatible, is incompatible',
      'new',
      `  page-content ${check}`,
      '    public.words main block 3 has other contents',
      '    first bad: candidate candidate new sha256 ffffffffffff (it was bundle.tar.zst sha256 aaaaaaaaaaaa); last good on 2026-11-02 02:00',
      'history  runs/x is foreign',
    ]);
  });

  test('says since when, what is gone, and that nothing was changed', ({ assert }) => {
    assert.include(
      textOf([night(1), night(2, bad)], night(3, bad)),
      'still\n  page-content pg17/debian:12/walredo/recovery-records\n    public.words main block 3 has other contents\n    since 2026-11-02 02:00, 2 runs; last good on 2026-11-01 02:00 with the same bundle and images',
    );
    assert.include(
      textOf([night(1), night(2, bad)], night(3)),
      `gone\n  page-content ${check}, from 2026-11-02 02:00 to 2026-11-02 02:00`,
    );
    assert.include(textOf([], night(3)), 'the first run of this history');
    assert.include(
      textOf([night(1)], night(2, { ...bad, redoubtVersion: '0.2.0' })),
      'first bad: Redoubt 0.2.0 (it was 0.1.0); last good',
    );
    assert.include(textOf([night(1, bad)], night(2, { judged: [] })), '1 not looked for');
    assert.include(
      textOf([], night(1, { findings: [finding({ tolerance: 'accepted', count: 3 })] })),
      'recovery-records (3 times), accepted',
    );
  });

  test('takes no orders from a message', ({ assert }) => {
    const hostile = night(1, { findings: [finding({ message: 'a\u001B[2J\nnew line' })] });
    const text = newsLines(hostile, newsOf([], hostile), [], colourless).join('\n');
    assert.notInclude(text, '\u001B');
    assert.include(text, 'a\\x1b[2J\\nnew line');
  });
});
