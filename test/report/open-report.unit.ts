import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { openReport } from '../../harness/report/open-report.ts';
import { deriveReport } from '../../harness/report/report.ts';
import { reportLines } from '../../harness/report/report-lines.ts';
import { thrownBy } from '../support/thrown.ts';
import { timed, wholeRun } from '../verdict/run-events.ts';

const versionOne = join(import.meta.dirname, 'fixtures/version-1');
const plain = (text: string): string => text;
const colourless = { good: plain, bad: plain, doubtful: plain, faint: plain, strong: plain };

test.group('openReport', (group) => {
  let scratch: TemporaryDirectory;
  group.each.setup(async () => {
    scratch = await temporaryDirectory('reports');
    return async () => {
      await scratch[Symbol.asyncDispose]();
    };
  });

  function file(name: string, value: unknown): string {
    const path = join(scratch.path, name);
    writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
    return path;
  }

  test('opens the first report of version 1 that was kept, by events and by report.json alike', ({
    assert,
  }) => {
    const byEvents = openReport(versionOne).report;
    const byJson = openReport(join(versionOne, 'report.json')).report;
    for (const report of [byEvents, byJson]) {
      assert.deepEqual([report.verdict, report.exitCode, report.complete], ['incompatible', 1, true]);
      assert.match(report.sentence, /^incompatible \(walredo\): pg_catalog.pg_attribute main block 59/);
      assert.deepEqual(report.compared.model.pages, 0);
      assert.deepEqual(report.counts.accepted, 0);
      assert.isNull(report.inputs.policy);
      assert.include(reportLines(report, versionOne, colourless).join('\n'), 'byte 5000 (data of item 24)');
    }
    assert.deepEqual(
      { ...byEvents, run: undefined, counts: undefined },
      { ...byJson, run: undefined, counts: undefined },
    );
  });

  test('takes the events for the source where both are there', ({ assert }) => {
    const report = deriveReport(timed(...wholeRun()));
    file('report.json', report);
    assert.equal(openReport(scratch.path).report.verdict, 'compatible');
    const cut = timed(...wholeRun()).slice(0, -1);
    file('events.ndjson', cut.map((event) => `${JSON.stringify(event)}\n`).join(''));
    const opened = openReport(scratch.path);
    assert.deepEqual([opened.report.exitCode, opened.directory], [3, scratch.path]);
    assert.equal(openReport(join(scratch.path, 'report.json')).report.exitCode, 0);
  });

  test('keeps what it does not know', ({ assert }) => {
    const report = { ...deriveReport(timed(...wholeRun())), more: { than: 'known' } };
    assert.deepEqual(openReport(file('report.json', report)).report, report);
  });

  test('refuses a newer report, and what is none, with the field', ({ assert }) => {
    const report = deriveReport(timed(...wholeRun()));
    const newer = thrownBy(() => openReport(file('newer.json', { ...report, schemaVersion: 2 })));
    assert.deepEqual([newer.kind, newer.code], ['infrastructure', 'report-newer']);
    assert.match(newer.message, /newer\.json has schema version 2, this Redoubt reads up to 1/);
    for (const [value, fault] of [
      ['{', /is no report of Redoubt: it is not JSON/],
      ['[]', /schemaVersion/],
      [{ schemaVersion: 0 }, /schemaVersion/],
      [{ schemaVersion: 1 }, /verdict: /],
      [{ ...report, verdict: 'fine' }, /verdict: /],
      [{ ...report, cells: [{ id: 1 }] }, /cells\.0\.id: /],
    ] as const) {
      const error = thrownBy(() => openReport(file('bad.json', value)));
      assert.deepEqual([error.kind, error.code], ['infrastructure', 'report-invalid']);
      assert.match(error.message, fault);
    }
  });

  test('says what holds no report', ({ assert }) => {
    mkdirSync(join(scratch.path, 'empty'));
    for (const path of ['empty', 'absent', 'absent/report.json', 'empty/x'].map((name) =>
      join(scratch.path, name),
    ))
      assert.deepEqual(thrownBy(() => openReport(path)).code, 'no-report');
    copyFileSync(join(versionOne, 'report.json'), join(scratch.path, 'plain'));
    assert.throws(() => openReport(join(scratch.path, 'plain/below')), /ENOTDIR/);
    assert.isNotEmpty(readFileSync(join(scratch.path, 'plain')));
  });
});
