import { join } from 'node:path';

import { test } from '@japa/runner';
import { execa } from 'execa';

const support = join(import.meta.dirname, 'support');

/** Two processes of tests, of which each counts three that passed. */
function sideBySide(env: Readonly<Record<string, string>>) {
  const main = JSON.stringify(join(support, 'counting-process.mjs'));
  const lanes = JSON.stringify(join(import.meta.dirname, '../../harness/cli/test-lanes.ts'));
  const script = `
    import { runTests } from ${lanes};
    const run = { main: ${main}, suites: [], filters: [], env: {} };
    process.exitCode = await runTests(run, new AsyncDisposableStack(), 2);`;
  return execa(process.execPath, ['--input-type=module', '--eval', script], { reject: false, env });
}

test.group('tests in two processes', () => {
  test('are counted in one line, and shown one process after the other', async ({ assert }) => {
    const { stdout, exitCode } = await sideBySide({});
    assert.deepEqual(stdout.split('\n').filter(Boolean), [
      'tests of unit and integration',
      'tests of product',
      '6 passed, 0 failed, 0 skipped',
    ]);
    assert.equal(exitCode, 0);
  });

  test('fail when one of the processes does', async ({ assert }) => {
    const { stdout, exitCode } = await sideBySide({ FAILS: 'product' });
    assert.include(stdout, '6 passed, 1 failed, 0 skipped');
    assert.equal(exitCode, 1);
  });

  test('fail when one of the processes dies', async ({ assert }) => {
    const { exitCode } = await sideBySide({ DIES: 'unit' });
    assert.equal(exitCode, 3);
  });
});
