import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@japa/runner';

import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { readEvidence } from '../../harness/report/html/read-evidence.ts';
import { deriveReport, type Report } from '../../harness/report/report.ts';
import { firstStep, stepsOf } from '../../harness/verdict/history-steps.ts';
import { chosenRecords, evidenceFiles } from '../../harness/verdict/page-history.ts';
import { isPageEvidence, readPageEvidence } from '../../harness/verdict/read-page-evidence.ts';
import { codeOf } from '../support/error-code.ts';
import { thrownBy } from '../support/thrown.ts';
import { madeHistory, makeEvidence, madePages } from './made-evidence.ts';

test.group('the evidence of a bad page', () => {
  test('gives both sides after each record; what was judged is the end', async ({ assert }) => {
    await using work = await temporaryDirectory('evidence of a page');
    makeEvidence(work.path);
    assert.isTrue(isPageEvidence(work.path));
    const page = readPageEvidence(work.path);
    const steps = stepsOf(page);
    assert.deepEqual(
      steps.map(({ count }) => count),
      [0, 1, 2, 3],
    );
    assert.equal(firstStep(page, steps), 2);
    assert.isTrue(steps[1]?.bundle?.equals(steps[1].other ?? Buffer.alloc(0)));
    assert.equal(steps[2]?.bundle?.[100], 9);
    assert.isTrue(steps[3]?.bundle?.equals(madePages.actual));
    assert.isTrue(steps[3]?.other?.equals(madePages.expected));
    const alone = stepsOf({ ...page, history: madeHistory({ steps: null }) });
    assert.deepEqual(
      alone.map(({ count }) => count),
      [3],
    );
  });

  test('that is damaged is refused with the name of the file, and left out of a report', async ({
    assert,
  }) => {
    await using work = await temporaryDirectory('evidence of a page');
    const folder = join(work.path, 'evidence/one');
    const finding = { check: 'c', code: 'page-content', message: 'm', page: { files: 'evidence/one' } };
    const report = { ...deriveReport([]), findings: [finding] as unknown as Report['findings'] };
    makeEvidence(folder);
    assert.lengthOf(readEvidence(work.path, report), 1);
    for (const name of [evidenceFiles.history, evidenceFiles.expected, evidenceFiles.steps]) {
      makeEvidence(folder);
      truncateSync(join(folder, name), readFileSync(join(folder, name)).length - 5);
      const { code, message } = thrownBy(() => readPageEvidence(folder));
      assert.equal(code, 'evidence-invalid');
      assert.include(message, name);
      assert.deepEqual(readEvidence(work.path, report), []);
    }
    makeEvidence(folder);
    writeFileSync(
      join(folder, evidenceFiles.history),
      JSON.stringify({ ...madeHistory(), schemaVersion: 2 }),
    );
    assert.equal(
      codeOf(() => readPageEvidence(folder)),
      'evidence-newer',
    );
  });

  test('is looked for in the folder of the report alone', async ({ assert }) => {
    await using work = await temporaryDirectory('evidence of a page');
    makeEvidence(join(work.path, 'outside'));
    const finding = { check: 'c', code: 'page-content', message: 'm', page: { files: '../outside' } };
    const report = { ...deriveReport([]), findings: [finding] as unknown as Report['findings'] };
    assert.deepEqual(readEvidence(join(work.path, 'report'), report), []);
  });

  test('lists all records, or the first, the last and those around the parting', ({ assert }) => {
    assert.deepEqual(chosenRecords(3, undefined), [1, 2, 3]);
    const chosen = chosenRecords(10_000, 5000);
    assert.isAtMost(chosen.length, 400);
    for (const number of [1, 4990, 5000, 5010, 10_000]) assert.include(chosen, number);
  });
});
