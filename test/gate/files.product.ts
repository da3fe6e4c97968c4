import { join } from 'node:path';

import { test } from '@japa/runner';

import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { Breakable } from '../support/broken-files.ts';
import { judged } from '../support/redoubt-command.ts';
import { referenceBundle } from '../support/small-tape.ts';

/* What a look at the files finds reaches the verdict, each under its own check; the rest of the table is in test/bundle/files. */

test.group('files in the verdict', () => {
  test('a bundle that only looks static is refused for it, and for what else lies in it', async ({
    assert,
  }) => {
    await using scratch = await temporaryDirectory('a bundle that only looks static');
    const { directory } = await referenceBundle();
    const binaries = join(directory, 'storage/v17/lib/postgresql/17/bin');
    const bundle = new Breakable(join(scratch.path, 'bundle'));
    await bundle.write('v17/initdb', '');
    await bundle.take(join(binaries, 'initdb'), 'v17/initdb');
    await bundle.take(join(binaries, 'postgres-server'), 'v17/postgres');
    await bundle.write('v17/helper', 'lends rights', 0o4755);
    await bundle.link('v17/share', '/usr/share/postgresql');
    const { exitCode, report } = await judged(
      `gate --suites contract --pg 17 --hosts debian:12 --candidate ${bundle.directory} --report ${join(scratch.path, 'report')}`,
    );
    assert.equal(exitCode, 1, report.sentence);
    const found = report.findings.map(({ check, code }) => `${check.split('/').at(-1) ?? ''}: ${code}`);
    for (const expected of ['static-linkage: not-static', 'tree: file-set-user-id', 'tree: link-outside'])
      assert.include(found, expected);
    const words = 'v17/postgres is not statically linked: it asks for the loader /storage/v17/lib/ld-linux';
    assert.isTrue(
      report.findings.some(({ message }) => message.startsWith(words)),
      JSON.stringify(found),
    );
    assert.isFalse(found.some((words) => words.startsWith('machine:')));
  });
});
