import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { buildPgInstall } from '../../harness/bundle/pg-install/build.ts';
import { silent } from '../../harness/host/progress.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { judged } from '../support/redoubt-command.ts';

/*
 * "With feature flag disabled, existing `pg_install` tarball is used instead." Flag on and off agree where the host has the
 * libraries and locales that the bundle brings, and where it has not, the report says in what they do not.
 */

/** npm's server is the reference bundle's, too, with libc and locales of debian:12. */
const major = 18;

test.group('the feature flag', (group) => {
  let scratch: TemporaryDirectory;
  let install: string;
  group.setup(async () => {
    scratch = await temporaryDirectory('a pg-install bundle');
    install = join(scratch.path, 'pg_install.tar');
    await buildPgInstall({ majors: [major], out: install, progress: silent });
  });
  group.teardown(async () => {
    await scratch[Symbol.asyncDispose]();
  });

  function gate(words: string, report: string): ReturnType<typeof judged> {
    const tape = `--tape corpora/tapes/pg${String(major)}`;
    return judged(`gate --pg ${String(major)} ${tape} ${words} --report ${join(scratch.path, report)}`);
  }

  test('on and off agree in initdb, in the facts of the build and in every page', async ({ assert }) => {
    const { exitCode, report } = await gate(
      `--suites contract,initdb,walredo --hosts debian:12 --baseline ${install}`,
      'agree',
    );
    assert.equal(exitCode, 0, report.sentence);
    const checks = report.cells.flatMap((cell) => cell.checks);
    const against = checks.filter(({ id }) => /\/baseline/.test(id));
    assert.includeMembers(
      against.map(({ id }) => id.split('/').slice(2).join('/')),
      ['contract/baseline-artefacts', 'initdb/baseline'],
    );
    assert.isTrue(against.some(({ id }) => id.includes('walredo/baseline')));
    assert.isAbove(report.compared.baseline.pages, 0);
    assert.equal(report.compared.baseline.differences, 0);
  });

  test('on another host pg_install makes other clusters, and the report says what is other', async ({
    assert,
  }) => {
    const { exitCode, report } = await gate(
      `--suites initdb --hosts debian:12,debian:11 --candidate ${install}`,
      'hosts',
    );
    assert.equal(exitCode, 1, report.sentence);
    const own = report.findings.filter(({ check }) => check === `pg${String(major)}/debian:11/initdb/hosts`);
    const words = own.map(({ code, message }) => `${code}: ${message}`);
    for (const expected of [
      /^initdb-collations-differ: pg_collation lacks \d+ collations that initdb on debian:12 has: libc /,
      /^initdb-collation-versions-differ: \d+ collations of libc bear version 2\.31 instead of 2\.36, against initdb on debian:12/,
      /^initdb-pages-differ: /,
    ])
      assert.isTrue(
        words.some((each) => expected.test(each)),
        `${String(expected)}\n${words.join('\n')}`,
      );
    const starts = report.findings.filter(({ check }) => check.endsWith('/start-in-compute'));
    assert.deepEqual(
      starts.map(({ code, check }) => `${check} ${code}`),
      [`pg${String(major)}/debian:11/initdb/start-in-compute collation-version-mismatch`],
    );
    assert.isEmpty(report.findings.filter(({ check }) => check.includes('/debian:12/')));
  });

  test('the bundle passes when the last pg_install is gone', async ({ assert }) => {
    await rm(install);
    const { exitCode, report } = await gate('--suites initdb,walredo --hosts debian:12', 'gone');
    assert.equal(exitCode, 0, report.sentence);
  });
});
