import { test } from '@japa/runner';

import { githubAnnotations } from '../../harness/report/github-view.ts';
import { deriveReport } from '../../harness/report/report.ts';
import type { GateEvent } from '../../harness/verdict/event.ts';
import { checks, found, timed, wholeRun } from '../verdict/run-events.ts';
import { hostileRun } from './support/hostile-run.ts';

const [first, second] = checks.map(({ id }) => id) as [string, string, ...string[]];

function annotationsOf(events: readonly GateEvent[]): readonly string[] {
  return githubAnnotations(deriveReport(timed(...events)));
}

test.group('githubAnnotations', () => {
  test('notices a compatible bundle', ({ assert }) => {
    assert.deepEqual(annotationsOf(wholeRun()), ['::notice title=Redoubt::compatible (contract, walredo)']);
  });

  test('shows the verdict, what was found and what could not be judged as errors', ({ assert }) => {
    assert.deepEqual(annotationsOf(wholeRun({ [first]: 'failed', [second]: 'not judged' })), [
      '::error title=Redoubt::incompatible (contract): public.words main block 3 has other contents [1 of 16 checks failed]',
      '::error title=pg15/debian%3A11/contract/one (page-content)::public.words main block 3 has other contents',
      '::error title=pg15/debian%3A11/contract/two::not judged: not judged for a reason',
    ]);
  });

  test('never shows a run that was cut off as good', ({ assert }) => {
    for (let length = 0; length < wholeRun().length; length++)
      assert.match(
        annotationsOf(wholeRun().slice(0, length))[0] ?? '',
        /^::error title=Redoubt::not judged: /,
      );
  });

  test('shows as many as GitHub does, and counts the others', ({ assert }) => {
    const events = wholeRun({ [first]: 'failed' });
    const lines = annotationsOf([
      ...events.slice(0, 2),
      ...Array.from({ length: 30 }, () => found(first)),
      ...events.slice(2),
    ]);
    assert.lengthOf(lines, 11);
    assert.equal(lines[10], '::notice title=Redoubt::22 more in the job summary and in report.json');
  });

  test('lets no name become a command of its own', ({ assert }) => {
    for (const line of annotationsOf(hostileRun())) {
      assert.match(line, /^::(error|notice) title=[^:,\r\n]*::[^\r\n]*$/);
      assert.notInclude(line, '\u001B');
    }
    assert.isTrue(annotationsOf(hostileRun()).some((line) => line.includes('%250A')));
  });
});
