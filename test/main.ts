import { assert } from '@japa/assert';
import { configure, processCLIArgs, run } from '@japa/runner';
import { spec } from '@japa/runner/reporters';

import { countingReporter } from './support/counting-reporter.ts';

/*
 * The test suites: `unit` is pure and fast, `integration` runs real processes and roots, `product` runs the gate on the
 * reference bundle. A test file is named after the file that it tests: harness/wal/decode.ts, test/wal/decode.unit.ts.
 * The time limits end what waits in vain, and nothing else: a loaded machine reaches none of them.
 */
const counting = countingReporter();
// A verdict in a test is none of the workflow that runs the tests.
for (const name of ['GITHUB_ACTIONS', 'GITHUB_STEP_SUMMARY']) delete process.env[name];
processCLIArgs(process.argv.slice(2));
configure({
  suites: [
    { name: 'unit', files: 'test/**/*.unit.ts', timeout: 300_000 },
    { name: 'integration', files: 'test/**/*.integration.ts', timeout: 900_000 },
    { name: 'product', files: 'test/**/*.product.ts', timeout: 900_000 },
  ],
  plugins: [assert()],
  reporters: { activated: ['spec', 'counting'], list: [spec(), counting.reporter] },
});
await run();
counting.conclude();
