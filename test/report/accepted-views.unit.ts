import { test } from '@japa/runner';

import { ConsoleView, type Palette, summaryLines } from '../../harness/report/console-view.ts';
import { githubAnnotations } from '../../harness/report/github-view.ts';
import { junitView } from '../../harness/report/junit-view.ts';
import { markdownView } from '../../harness/report/markdown-view.ts';
import { deriveReport } from '../../harness/report/report.ts';
import { reportLines } from '../../harness/report/report-lines.ts';
import { acceptedRun } from '../pin/approved-run.ts';
import { timed } from '../verdict/run-events.ts';

const plain = (text: string): string => text;
const colourless: Palette = { good: plain, bad: plain, doubtful: plain, faint: plain, strong: plain };
const events = timed(...acceptedRun());
const report = deriveReport(events);

/* What a policy accepts is never silent: every view has the finding, who accepts it, until when and why. */
test.group('an accepted finding', () => {
  test('is shown by {name}')
    .with([
      {
        name: 'the console',
        text: (): string => {
          const view = new ConsoleView(colourless);
          const lines = events.flatMap((event) => view.lines(event));
          return [...lines, ...summaryLines(report, 'reports/x', colourless)].join('\n');
        },
      },
      { name: 'redoubt report', text: () => reportLines(report, 'reports/x', colourless).join('\n') },
      { name: 'JUnit', text: () => junitView(report) },
      { name: 'Markdown', text: () => markdownView(report).replaceAll('\\', '') },
      { name: 'GitHub', text: () => githubAnnotations(report).join('\n') },
      { name: 'report.json', text: () => JSON.stringify(report).replaceAll('","', ' until ') },
    ])
    .run(({ assert }, { text }) => {
      const shown = text();
      for (const words of ['libicu 72.1 to 76.1', 'storage', '2026-12-31', 'every index is built anew'])
        assert.include(shown, words);
      assert.match(shown, /compatible \(contract, walredo\), with 1 accepted finding/);
    });
});
