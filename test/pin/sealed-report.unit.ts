import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { readSealedReport } from '../../harness/pin/sealed-report.ts';
import { thrownBy } from '../support/thrown.ts';
import { acceptedRun, approvedRun, leaveReport } from './approved-run.ts';

function edit(path: string, pattern: RegExp, replacement: string): void {
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace(pattern, replacement));
}

test.group('readSealedReport', (group) => {
  let directory: string;
  group.each.setup(() => {
    directory = mkdtempSync(join(tmpdir(), 'redoubt-sealed-'));
    return () => {
      rmSync(directory, { recursive: true });
    };
  });

  test('reads a report as the run left it, with the digest of its file', ({ assert }) => {
    for (const run of [approvedRun(), acceptedRun()]) {
      const path = leaveReport(join(directory, String(run.length)), run);
      const { report, digest } = readSealedReport(path);
      assert.equal(report.verdict, 'compatible');
      const bytes = readFileSync(join(path, 'report.json'));
      assert.equal(digest, createHash('sha256').update(bytes).digest('hex'));
    }
  });

  test('tells what was edited: {what}')
    .with([
      { what: 'the verdict', file: 'report.json', from: /"compatible"/, to: '"incompatible"' },
      { what: 'a digest of a bundle', file: 'report.json', from: /b{64}/, to: 'c'.repeat(64) },
      { what: 'JSON that is none', file: 'report.json', from: /\{/, to: '' },
      { what: 'the outcome of a check', file: 'events.ndjson', from: /"passed"/, to: '"failed"' },
      {
        what: 'an event that was taken out',
        file: 'events.ndjson',
        from: /\{[^\n]*"options"[^\n]*\n/,
        to: '',
      },
      { what: 'a bundle in the events', file: 'events.ndjson', from: /b{64}/, to: 'c'.repeat(64) },
    ])
    .run(({ assert }, { file, from, to }) => {
      leaveReport(directory, approvedRun());
      edit(join(directory, file), from, to);
      const error = thrownBy(() => readSealedReport(directory));
      assert.equal(error.code, 'report-edited');
      assert.equal(error.exitCode, 2);
      assert.include(error.message, file);
    });

  test('tells events and report that were edited alike', ({ assert }) => {
    leaveReport(directory, approvedRun());
    for (const file of ['events.ndjson', 'report.json']) edit(join(directory, file), /b{64}/, 'c'.repeat(64));
    assert.equal(thrownBy(() => readSealedReport(directory)).code, 'report-edited');
  });

  test('a run that did not come to its end approves nothing', ({ assert }) => {
    leaveReport(directory, approvedRun().slice(0, -1));
    assert.equal(thrownBy(() => readSealedReport(directory)).code, 'report-cut');
    const whole = leaveReport(join(directory, 'whole'), approvedRun());
    const events = join(whole, 'events.ndjson');
    truncateSync(events, readFileSync(events).length - 5);
    const error = thrownBy(() => readSealedReport(whole));
    assert.equal(error.code, 'report-cut');
    assert.equal(error.exitCode, 3);
  });

  test('nothing may stand behind the end', ({ assert }) => {
    leaveReport(directory, approvedRun());
    appendFileSync(join(directory, 'events.ndjson'), '{"at":"2026-11-22T00:00:00.000Z","type":"x"}\n');
    assert.equal(thrownBy(() => readSealedReport(directory)).code, 'report-cut');
  });

  test('an older run, without a digest, approves nothing', ({ assert }) => {
    leaveReport(directory, approvedRun());
    edit(join(directory, 'events.ndjson'), /,"digest":"[0-9a-f]{64}"\}\n$/, '}\n');
    assert.equal(thrownBy(() => readSealedReport(directory)).code, 'report-unsealed');
  });

  test('a folder without a report is told', ({ assert }) => {
    assert.equal(thrownBy(() => readSealedReport(directory)).code, 'events-missing');
    leaveReport(directory, approvedRun());
    rmSync(join(directory, 'report.json'));
    assert.equal(thrownBy(() => readSealedReport(directory)).code, 'no-report');
  });
});
