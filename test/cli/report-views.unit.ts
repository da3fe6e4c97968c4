import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { ReportViews } from '../../harness/cli/report-views.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { deriveReport } from '../../harness/report/report.ts';
import { checks, timed, wholeRun } from '../verdict/run-events.ts';

const failed = deriveReport(timed(...wholeRun({ [checks[0]?.id ?? '']: 'failed' })));

test.group('ReportViews', () => {
  test('writes the files that were asked for, and folders for them', async ({ assert }) => {
    await using scratch = await temporaryDirectory('views');
    const [junit, markdown] = ['deep/down/junit.xml', 'summary.md'].map((name) => join(scratch.path, name));
    const told: string[] = [];
    new ReportViews({ junit: junit ?? '', markdown: markdown ?? '' }, {}, (line) => told.push(line)).show(
      failed,
    );
    assert.match(readFileSync(junit ?? '', 'utf8'), /^<\?xml [^]*<failure type="page-content"/);
    assert.match(readFileSync(markdown ?? '', 'utf8'), /^## ✗ Redoubt: incompatible/);
    assert.deepEqual(told, []);
  });

  test('tells GitHub where it runs there: no command out of a bundle, then annotations and a summary', async ({
    assert,
  }) => {
    await using scratch = await temporaryDirectory('views');
    const summary = join(scratch.path, 'summary');
    const told: string[] = [];
    const views = new ReportViews({}, { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary }, (line) =>
      told.push(line),
    );
    assert.lengthOf(told, 1);
    const token = /^::stop-commands::(\S{30,})$/.exec(told[0] ?? '')?.[1] ?? 'none';
    views.show(failed);
    assert.equal(told[1], `::${token}::`);
    assert.match(told[2] ?? '', /^::error title=Redoubt::incompatible/);
    assert.match(readFileSync(summary, 'utf8'), /^## ✗ Redoubt: incompatible/);
    const other: string[] = [];
    const next = new ReportViews({}, { GITHUB_ACTIONS: 'true' }, (line) => other.push(line));
    next.show(failed);
    assert.notEqual(other[0], told[0]);
  });

  test('keeps the verdict where the summary cannot be written', ({ assert }) => {
    const told: string[] = [];
    const environment = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: '/absent/summary' };
    new ReportViews({}, environment, (line) => told.push(line)).show(failed);
    assert.match(told.at(-1) ?? '', /^::warning title=Redoubt::cannot write the job summary: .*ENOENT/);
  });

  test('fails when a file that was asked for cannot be written', ({ assert }) => {
    assert.throws(
      () => new ReportViews({ junit: '/dev/null/junit.xml' }, {}).show(failed),
      /cannot write \/dev\/null/,
    );
  });
});
