import { assert } from '@japa/assert';
import { configure, processCLIArgs, run } from '@japa/runner';

/**
 * The test suites: `unit` is pure and fast, `integration` runs real processes and roots, `product` runs the gate on the
 * reference bundle. A test file is named after the file it tests: `harness/wal/record.ts`, `test/wal/record.unit.ts`.
 */
processCLIArgs(process.argv.slice(2));
configure({
  suites: [
    { name: 'unit', files: 'test/**/*.unit.ts' },
    { name: 'integration', files: 'test/**/*.integration.ts' },
    { name: 'product', files: 'test/**/*.product.ts' },
  ],
  plugins: [assert()],
});
await run();
