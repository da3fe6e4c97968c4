import { join } from 'node:path';

import { test } from '@japa/runner';

import { buildPgInstall } from '../../harness/bundle/pg-install/build.ts';
import { silent } from '../../harness/host/progress.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { ensureOddRoots } from '../support/odd-roots.ts';
import { judged, redoubt } from '../support/redoubt-command.ts';

test.group('redoubt gate --suites collation', (group) => {
  let scratch: TemporaryDirectory;
  group.setup(async () => {
    scratch = await temporaryDirectory('reports of the suite collation');
    return async () => {
      await scratch[Symbol.asyncDispose]();
    };
  });
  test('judges the libraries alone, and says in which locales', async ({ assert }) => {
    const candidate = join(scratch.path, 'pg_install.tar');
    await buildPgInstall({ majors: [17], out: candidate, progress: silent });
    const { empty } = await ensureOddRoots();
    const { exitCode, report } = await judged(
      `gate --candidate ${candidate} --compute npm:17 --pg 17 --hosts debian:12,empty --host empty=${empty} --suites collation --locales C.UTF-8,und --report ${join(scratch.path, 'odd')}`,
    );
    assert.equal(exitCode, 1, report.sentence);
    assert.deepEqual([report.pages, report.records], [0, 0]);
    assert.deepEqual(
      report.findings.map(({ check, code }) => `${check} ${code}`),
      [
        'pg17/empty/collation/libc collation-library-missing',
        'pg17/empty/collation/icu collation-library-missing',
      ],
    );
    const notes = report.cells.flatMap(({ checks }) => checks.flatMap((check) => check.notes)).join('\n');
    assert.match(
      notes,
      /byte for byte \(sha256 [0-9a-f]+\): no order to compare, for C\.UTF-8 and all others/,
    );
  });

  test('refuses what is no list of locales', async ({ assert }) => {
    const { exitCode, stderr } = await redoubt(['gate', '--suites', 'collation', '--locales', '../etc']);
    assert.equal(exitCode, 2);
    assert.include(stderr, '--locales ../etc');
  });
});
