import { test } from '@japa/runner';

import { markdownView } from '../../harness/report/markdown-view.ts';
import { deriveReport } from '../../harness/report/report.ts';
import { planCells } from '../../harness/verdict/cell.ts';
import type { GateEvent } from '../../harness/verdict/event.ts';
import { checks, ended, found, over, planned, started, timed, wholeRun } from '../verdict/run-events.ts';
import { hostileRun } from './support/hostile-run.ts';

const [first, second] = checks.map(({ id }) => id) as [string, string, ...string[]];
/** GitHub's limit for the summary of one step. */
const limitBytes = 1024 * 1024;

function viewOf(events: readonly GateEvent[]): string {
  return markdownView(deriveReport(timed(...events)));
}

test.group('markdownView', () => {
  test('begins with the verdict and its cause, then the matrix, then what was found', ({ assert }) => {
    assert.deepEqual(
      viewOf(wholeRun({ [first]: 'failed', [second]: 'not judged' }))
        .split('\n')
        .slice(0, 18),
      [
        '## ✗ Redoubt: incompatible',
        '',
        'incompatible (contract): public.words main block 3 has other contents \\[1 of 16 checks failed\\]',
        '',
        '16 checks planned: 14 passed, 1 failed, 1 not judged. 160 pages and 1,600 records compared with recovery, 0 differences in all.',
        '',
        '| cell | contract | walredo |',
        '| --- | :-: | :-: |',
        '| pg15/debian:11 | ✗ | ✓ |',
        '| pg15/debian:12 | ✓ | ✓ |',
        '| pg17/debian:11 | ✓ | ✓ |',
        '| pg17/debian:12 | ✓ | ✓ |',
        '',
        '### Findings (1)',
        '',
        `- **${first}** \`page-content\`: public.words main block 3 has other contents`,
        '',
        '### Checks that were not judged (1)',
      ],
    );
    assert.match(viewOf(wholeRun()), /^## ✓ Redoubt: compatible\n\ncompatible \(contract, walredo\)\n/);
  });

  test('says that a run did not come to its end', ({ assert }) => {
    const view = viewOf(wholeRun().slice(0, -5));
    assert.match(view, /^## \? Redoubt: not judged\n\nnot judged: incomplete: /);
    assert.include(view, '**The run did not come to its end.**');
    assert.notInclude(view, 'Redoubt: compatible');
  });

  test('gives names no meaning: no markup, no line, no cell, no mention', ({ assert }) => {
    const view = viewOf(hostileRun());
    assert.lengthOf(
      view.split('\n').filter((line) => line.startsWith('## ')),
      1,
    );
    // eslint-disable-next-line no-control-regex
    assert.notMatch(view, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066]/);
    assert.notInclude(view, '<script>');
    assert.notInclude(view, '@all');
    assert.notInclude(view, 'https://');
    assert.notMatch(view, /(^|[^\\])\[x\]/m);
    const rows = view.split('\n').filter((line) => line.startsWith('| '));
    assert.lengthOf(rows, 6);
  });

  test('stays below what GitHub takes, and counts what it leaves out', ({ assert }) => {
    const cells = planCells(
      ['contract', 'walredo'],
      [15, 17],
      Array.from({ length: 3000 }, (_, number) => `a-host-of-a-rather-long-name-${String(number)}:1`),
    );
    const many = cells.map(({ id }) => ({ id: `${id}/one`, cell: id, promise: 'é'.repeat(100) }));
    const events: readonly GateEvent[] = [
      started,
      planned(cells, many),
      ...many.flatMap(({ id }) => [
        found(id, { code: 'page-content', message: '|'.repeat(500) }),
        ended(id, 'failed'),
      ]),
      over(many.length),
    ];
    const view = viewOf(events);
    assert.isBelow(Buffer.byteLength(view), limitBytes);
    assert.isAbove(Buffer.byteLength(view), limitBytes / 2);
    assert.match(view, /\d rows more are in report\.json/);
    assert.match(view, /### Findings \(12,000\)/);
    assert.match(view, /- and 11,\d{3} more, in report\.json/);
  });
});
