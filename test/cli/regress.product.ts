import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import type { RegressionFacts } from '../../harness/gate/capture/regression-facts.ts';
import { regressionMajors } from '../../harness/gate/capture/regression-tape.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { Tape } from '../../harness/redo/tape/tape.ts';
import type { Report } from '../../harness/report/report.ts';
import { breakBundle } from '../support/broken-bundle.ts';
import { judged, redoubt } from '../support/redoubt-command.ts';
import { referenceBundle } from '../support/small-tape.ts';
import { allGone, CommandRun } from './support/command-run.ts';
import { Workplace } from './support/workplace.ts';

/*
 * PostgreSQL's own regression suite as the workload: minutes a major, so only the full tier runs it. What can be typed
 * wrongly is told before anything runs.
 */

interface RegressionReport extends Report {
  readonly regression: RegressionFacts;
}

test.group('redoubt regress', () => {
  const mistakes: readonly (readonly [words: string, says: RegExp])[] = [
    ['regress', /--pg/],
    ['regress --pg 16', /--pg 16: the regression suite is run for 15 and 17 alone/],
    ['regress --pg 15,17', /one major/],
    ['regress --pg 17 --hosts debian:7', /debian:7/],
    ['regress --pg 17 --out /', /exists already/],
  ];
  for (const [words, says] of mistakes) {
    test(`refuse: ${words}`, async ({ assert }) => {
      const { exitCode, stderr } = await redoubt(words.split(' '));
      assert.equal(exitCode, 2, stderr);
      assert.match(stderr, says);
    });
  }

  if (process.env['REDOUBT_TEST_TIER'] !== 'full') return;

  for (const major of regressionMajors) {
    test(`judges every page of the suite of ${String(major)}, and catches a record left out of one`, async ({
      assert,
    }) => {
      await using scratch = await temporaryDirectory('a regression suite');
      const tape = join(scratch.path, 'tape');
      const { exitCode, report } = await judged(
        `regress --pg ${String(major)} --out ${tape} --report ${join(scratch.path, 'report')}`,
      );
      assert.equal(exitCode, 0, report.sentence);
      assert.equal(report.differences, 0);
      const { regression } = report as RegressionReport;
      assert.isAbove(regression.scripts.run, 200);
      assert.isAbove(regression.scripts.asExpected / regression.scripts.run, 0.95);
      const { all, replayed, modelled, untouched } = regression.pages;
      assert.equal(replayed + modelled + untouched, all);
      assert.isAbove(replayed, 10_000);
      assert.deepEqual(
        JSON.parse(await readFile(join(scratch.path, 'report/regression.json'), 'utf8')),
        regression,
      );

      const victim = [...Tape.open(tape).index].find(
        ({ oracle, origin, records }) => oracle === 'recovery' && origin === 'base' && records > 2,
      );
      assert.exists(victim);
      if (victim === undefined) return;
      const at = { kind: 'page', key: victim.key } as const;
      const broken = await breakBundle(
        await referenceBundle(),
        { kind: 'skip-record', at },
        join(scratch.path, 'broken'),
        [major],
      );
      const caught = await judged(
        `replay ${tape} --hosts debian:12 --bundle ${broken} --report ${join(scratch.path, 'caught')}`,
      );
      assert.equal(caught.exitCode, 1);
      assert.equal(caught.report.differences, 1);
    });
  }

  test('a Ctrl-C in the middle of the suite leaves nothing', async ({ assert }) => {
    await using place = await Workplace.open(['roots', 'helpers', 'reference', 'bundles']);
    const run = await CommandRun.start(['regress', '--pg', '17', '--out', place.out], place.env);
    const tapes = join(place.cache, 'tapes');
    await run.until(async () => {
      const entries = await readdir(tapes).catch((): string[] => []);
      return entries.some((name) => existsSync(join(tapes, name, 'scratch/results/strings.out')));
    });
    const family = await run.descendants();
    run.signalGroup('SIGINT');
    const { exitCode, stderr } = await run.end;
    assert.equal(exitCode, 3, stderr);
    assert.include(stderr, 'interrupted by SIGINT: nothing was judged');
    await allGone(family);
    assert.isFalse(existsSync(place.out));
    assert.deepEqual(await place.traces(run.ownPrefix), []);
  });
});
