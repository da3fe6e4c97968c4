import { join } from 'node:path';

import { test } from '@japa/runner';

import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { leanOnHost, misbehavingBundle } from '../support/broken-behaviour.ts';
import { judged, redoubt } from '../support/redoubt-command.ts';
import { referenceBundle } from '../support/small-tape.ts';

/* What the checks of harness/contract find reaches the verdict; what they find is their own tests' matter. */

test.group('a bundle that misbehaves', () => {
  test('is incompatible, for that reason alone', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a bundle that misbehaves');
    const { bundle, misbehave } = await misbehavingBundle(
      await referenceBundle(),
      join(scratch.path, 'bundle'),
    );
    await misbehave({ program: 'postgres', kind: 'page-by-variable', text: 'TZ' });
    const { exitCode, report } = await judged(
      `gate --suites contract --pg 17 --hosts debian:12 --candidate ${bundle.directory} --report ${join(scratch.path, 'report')}`,
    );
    assert.equal(exitCode, 1, report.sentence);
    const own = report.findings.filter(({ code }) => code === 'circumstance-matters');
    assert.deepEqual([...new Set(own.map(({ check }) => check))], ['pg17/debian:12/contract/environment']);
    assert.match(own[0]?.message ?? '', /^walredo with TZ=Asia\/Kathmandu answers otherwise than without: /);
  });

  test('and leans on its hosts is judged on each of them, but for what is no matter of the host', async ({
    assert,
  }) => {
    await using scratch = await temporaryDirectory('a bundle that leans on its host');
    const fault = { kind: 'opens', text: '/etc/debian_version' } as const;
    const { directory } = await leanOnHost(await referenceBundle(), fault, join(scratch.path, 'bundle'));
    const words = ['gate', '--suites', 'contract', '--pg', '17', '--hosts', 'debian:11,debian:12'];
    const { stdout } = await redoubt([...words, '--list', '--candidate', directory]);
    for (const id of [
      'kept-tape',
      'umask',
      'environment',
      'no-devices',
      'closed-input',
      'ambient',
      'kernel-floor',
    ])
      for (const host of ['debian:11', 'debian:12']) assert.include(stdout, `pg17/${host}/contract/${id}`);
    assert.include(stdout, 'pg17/debian:11/contract/residue');
    assert.notInclude(stdout, 'pg17/debian:12/contract/residue');
    assert.notInclude(stdout, 'contract/launcher-flags');
  });

  test('at the edges of the protocol is told from its baseline', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a bundle that misbehaves');
    const reference = await referenceBundle();
    const { bundle, misbehave } = await misbehavingBundle(reference, join(scratch.path, 'bundle'));
    await misbehave({ program: 'postgres', kind: 'other-exit-code' });
    const { exitCode, report } = await judged(
      `gate --suites contract --pg 17 --hosts debian:12 --candidate ${bundle.directory} --baseline ${reference.directory} --report ${join(scratch.path, 'report')}`,
    );
    assert.equal(exitCode, 1, report.sentence);
    const own = report.findings.filter(({ code }) => code === 'protocol-unlike-baseline');
    assert.match(
      own.map(({ message }) => message).join('\n'),
      /an unknown tag: exited with code 7, 1 answer, .*; the baseline exited with code 1, 1 answers/,
    );
    assert.isFalse(
      report.findings.some(({ code }) => code !== 'protocol-unlike-baseline' && code.startsWith('protocol-')),
    );
  });
});
