import { test } from '@japa/runner';

import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { redoubt } from '../support/redoubt-command.ts';
import { makeEvidence } from '../verdict/made-evidence.ts';

test.group('redoubt explain on the evidence of a bad page', () => {
  test('shows the first step that is wrong, and any other that is asked for', async ({ assert }) => {
    await using work = await temporaryDirectory('a test of explain');
    makeEvidence(work.path);
    const first = await redoubt(['explain', work.path]);
    assert.equal(first.exitCode, 0);
    assert.match(first.stdout, /^> +2 +0\/20 +Heap UPDATE .*WRONG FROM HERE ON$/m);
    assert.match(first.stdout, /after 2 of 3 records: Heap UPDATE/);
    assert.match(first.stdout, /byte 100: .*\n +other +00.*\n +bundle +09/);
    const before = await redoubt(['explain', work.path, '--step', '1', '--side', 'other']);
    assert.match(before.stdout, /both sides have the same page/);
    assert.match(before.stdout, /pd_lsn/);
    const end = await redoubt(['explain', work.path, '--step', '3', '--json']);
    const { differences } = JSON.parse(end.stdout) as {
      differences: readonly { offset: number; length: number }[];
    };
    assert.deepEqual(
      differences.map(({ offset, length }) => [offset, length]),
      [[100, 101]],
    );
  });

  test('refuses a step that is not there, and steps of what is no evidence', async ({ assert }) => {
    await using work = await temporaryDirectory('a test of explain');
    makeEvidence(work.path);
    const beyond = await redoubt(['explain', work.path, '--step', '9']);
    assert.equal(beyond.exitCode, 2);
    assert.match(
      beyond.stderr,
      /--step 9: the page after 9 records is not kept[\s\S]*Choose from 0, 1, 2, 3\./,
    );
    const file = await redoubt(['explain', `${work.path}/actual.page`, '--step', '1']);
    assert.equal(file.exitCode, 2);
    assert.match(file.stderr, /--step and --side are for the evidence of a bad page/);
  });
});
