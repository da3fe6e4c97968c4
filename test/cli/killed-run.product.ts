import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { test } from '@japa/runner';

import { redoubt } from '../support/redoubt-command.ts';
import { schemaFaults } from '../report/support/report-schema.ts';
import { allGone, CommandRun } from './support/command-run.ts';
import { Workplace } from './support/workplace.ts';

/*
 * A run that is killed at any moment leaves events of which `redoubt report` makes an incomplete report, never a pass. In
 * the full tier it is a gate of two hosts and all suites, ten times; in CI walredo on one host, three times.
 */

const isFull = process.env['REDOUBT_TEST_TIER'] === 'full';
const gate = isFull
  ? 'gate --pg 17 --hosts debian:11,debian:12'
  : 'gate --pg 17 --hosts debian:12 --suites walredo';
const moments = isFull ? 10 : 3;
/** About as long as such a run takes; one that is over sooner is whole. */
const lengthMs = isFull ? 60_000 : 4000;
const shared = ['roots', 'helpers', 'reference', 'bundles', 'tapes'] as const;

test.group('a killed run', () => {
  test(`is incomplete, whenever that was: ${String(moments)} random moments`, async ({ assert }) => {
    for (let index = 0; index < moments; index++) {
      await using place = await Workplace.open(shared);
      const killed = await CommandRun.start([...gate.split(' '), '--report', place.out], place.env);
      // From the first event on: before that there is no report yet.
      await killed.until(() => eventsOf(place.out)?.includes('\n') === true);
      const momentMs = Math.random() * lengthMs;
      await Promise.race([setTimeout(momentMs), killed.end]);
      const family = await killed.descendants();
      kill(killed);
      const { signal } = await killed.end;
      await allGone(family);
      const shown = await redoubt(['report', place.out, '--json']);
      const report = JSON.parse(shown.stdout) as { readonly verdict: string; readonly complete: boolean };
      const where = `killed after ${momentMs.toFixed(0)} of ${String(lengthMs)} ms: ${shown.stdout.slice(0, 400)}`;
      assert.deepEqual(schemaFaults('report.schema.json', report), [], where);
      if (signal === 'SIGKILL' && !(eventsOf(place.out) ?? '').includes('"type":"run-ended"')) {
        assert.deepEqual([shown.exitCode, report.verdict, report.complete], [3, 'not judged', false], where);
        const console = await redoubt(['report', place.out]);
        assert.match(console.stdout, /^verdict {2}not judged: incomplete: the run was cut off /m);
        const junit = await redoubt(['report', place.out, '--format', 'junit']);
        assert.match(junit.stdout, /<error type="not-judged" message="not judged: incomplete: /);
      } else {
        // It was faster than the one before.
        assert.deepEqual([shown.exitCode, report.complete], [0, true], where);
      }
      const cleaned = await redoubt(['clean'], place.env);
      assert.equal(cleaned.exitCode, 0, cleaned.stderr);
      assert.deepEqual(await place.traces(killed.ownPrefix), []);
    }
  });
});

/** It may be over by itself. */
function kill(run: CommandRun): void {
  try {
    run.signalHarness('SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The events so far; undefined before the run has a report. */
function eventsOf(directory: string): string | undefined {
  try {
    return readFileSync(join(directory, 'events.ndjson'), 'utf8');
  } catch {
    return undefined;
  }
}
