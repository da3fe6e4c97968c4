import { test } from '@japa/runner';

import { ConsoleView, summaryLines, type Palette } from '../../harness/report/console-view.ts';
import { printable } from '../../harness/report/printable.ts';
import { deriveReport } from '../../harness/report/report.ts';
import { reportLines } from '../../harness/report/report-lines.ts';
import type { GateEvent } from '../../harness/verdict/event.ts';
import {
  checks,
  ended,
  found,
  over,
  planned,
  started,
  tally,
  timed,
  wholeRun,
} from '../verdict/run-events.ts';
import { hostileRun } from './support/hostile-run.ts';

const plain = (text: string): string => text;
const colourless: Palette = { good: plain, bad: plain, doubtful: plain, faint: plain, strong: plain };
const [first, second] = checks.map(({ id }) => id) as [string, string, ...string[]];

function linesOf(...events: readonly GateEvent[]): readonly string[] {
  const view = new ConsoleView(colourless);
  return timed(...events).flatMap((event) => view.lines(event));
}

test.group('ConsoleView', () => {
  test('introduces bundle, hosts, tapes and plan', ({ assert }) => {
    const lines = linesOf(
      started,
      {
        type: 'bundle',
        bundle: {
          role: 'candidate',
          source: '/b.tar',
          digest: 'abcdef0123456789',
          layout: 'chroot',
          flavour: 'vanilla',
          servers: { '15': 'postgres 15.1', '17': 'postgres 17.2' },
        },
      },
      {
        type: 'host',
        host: {
          name: 'debian:11',
          engine: 'chroot',
          packages: { libc6: '2.31', libicu67: '67.1' },
          libc: 'glibc 2.31',
        },
      },
      planned(),
    );
    assert.deepEqual(lines, [
      'candidate /b.tar (chroot, sha256 abcdef012345)',
      '  v15: postgres 15.1',
      '  v17: postgres 17.2',
      'host debian:11 libc6 2.31, libicu67 67.1',
      'plan 16 checks in 8 cells',
    ]);
  });

  test('says a passed check in one line, under a heading for each suite', ({ assert }) => {
    const walredo = checks.find(({ cell }) => cell.endsWith('walredo'))?.id ?? '';
    const lines = linesOf(planned(), ended(first, 'passed', [tally]), ended(second), ended(walredo));
    assert.deepEqual(lines.slice(1), [
      '',
      'contract',
      `  ✓ ${first}  recovery: 10 pages, 100 records, 0 differences; 1.5 s`,
      `  ✓ ${second}  1.5 s`,
      '',
      'walredo',
      `  ✓ ${walredo}  1.5 s`,
    ]);
  });

  test('says which minors meet, and how many pages differ in a named class', ({ assert }) => {
    const skew = { major: 17, wal: '17.0', bundle: '17.11', tapes: ['records', 'images'] };
    const lines = linesOf(
      { type: 'skew', skew },
      ended(first, 'passed', [{ ...tally, masked: 2, named: { 'vm-lsn-only': 3 } }]),
    );
    assert.equal(
      lines[0],
      'skew pg17 PostgreSQL 17.11 on WAL of 17.0: pages of records, images may differ in named classes',
    );
    assert.include(lines.at(-1), "0 differences (2 equal only under PostgreSQL's mask, 3 vm-lsn-only)");
  });

  test('says what was promised and what was found when a check failed, five findings at most', ({
    assert,
  }) => {
    const findings = Array.from({ length: 7 }, (_, number) =>
      found(first, { code: 'page-content', message: `page ${String(number)} is bad` }),
    );
    const lines = linesOf(planned(), ...findings, ended(first, 'failed'));
    assert.include(lines, `  ✗ ${first}  1.5 s`);
    assert.include(lines, '      one is kept');
    assert.include(lines, '      · page 4 is bad');
    assert.notInclude(lines, '      · page 5 is bad');
    assert.include(lines, '      and 2 more in report.json');
  });

  test('says why a check could not be judged, and never marks it as passed', ({ assert }) => {
    const lines = linesOf(planned(), ended(first, 'not judged'));
    assert.include(lines, `  ? ${first}  1.5 s`);
    assert.include(lines, '      · not judged: not judged for a reason');
    assert.isFalse(lines.some((line) => line.includes('✓')));
  });

  test('ends with counts, what was compared, the verdict and where the report lies', ({ assert }) => {
    const lines = summaryLines(deriveReport(timed(...wholeRun())), '/reports/one', colourless);
    assert.deepEqual(lines, [
      '',
      'checks   16 planned, 16 run, 16 passed, 0 failed, 0 not judged',
      'compared with recovery: 160 pages, 1,600 records, 1,310,720 bytes: 0 differences',
      'verdict  compatible (contract, walredo)',
      'report   /reports/one',
    ]);
  });

  test('says which majors and hosts the verdict is about: one that a bundle lacks is not among them', ({
    assert,
  }) => {
    const options = {
      suites: ['walredo'] as const,
      majors: [17],
      hosts: ['debian:11', 'debian:12'],
      engine: 'chroot',
    };
    const events = timed(started, { type: 'options', options }, ...wholeRun().slice(1));
    const lines = summaryLines(deriveReport(events), '', colourless);
    assert.include(lines, 'scope    PostgreSQL 17 on debian:11, debian:12');
  });

  test('colours the verdict by what it is', ({ assert }) => {
    const marked: Palette = {
      ...colourless,
      good: (text) => `+${text}`,
      bad: (text) => `-${text}`,
      doubtful: (text) => `?${text}`,
    };
    const verdictOf = (events: readonly GateEvent[]): string =>
      summaryLines(deriveReport(timed(...events)), '', marked).find((line) => line.startsWith('verdict')) ??
      '';
    assert.match(verdictOf(wholeRun()), /^verdict {2}\+compatible/);
    assert.match(verdictOf(wholeRun({ [first]: 'failed' })), /^verdict {2}-incompatible/);
    assert.match(verdictOf(wholeRun({ [first]: 'not judged' })), /^verdict {2}\?not judged/);
    assert.match(verdictOf([started, over(0)]), /^verdict {2}\?not judged/);
  });

  test('shows names out of a bundle as text, live and later', ({ assert }) => {
    const report = deriveReport(timed(...hostileRun()));
    const live = linesOf(...hostileRun());
    const later = reportLines(report, '/reports/one', colourless);
    for (const line of [...live, ...later, ...summaryLines(report, '/reports/one', colourless)]) {
      assert.equal(printable(line), line);
      assert.notMatch(line, /^\s*::/);
    }
    assert.isTrue(live.some((line) => line.includes(String.raw`\x1b[1;32mcompatible`)));
  });
});
