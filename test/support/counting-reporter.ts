import type { NamedReporterContract } from '@japa/runner/types';
import { Group, type Runner } from '@japa/runner/core';

/**
 * Counts tests and prints the closing line that CI reads. Japa exits with 0 when a filter matches nothing and when a
 * file defines no test: a run with no test, or with fewer than were planned, fails here.
 */
export function countingReporter(): { readonly reporter: NamedReporterContract; conclude(): void } {
  let planned = 0;
  let plannedRun = 0;
  const counts = { passed: 0, failed: 0, skipped: 0 };
  return {
    reporter: {
      name: 'counting',
      handler: (runner, emitter) => {
        emitter.on('runner:start', () => {
          planned = countPlanned(runner);
        });
        emitter.on('test:end', ({ hasError, isSkipped, isTodo, dataset }) => {
          // A test with a data set ends once a row.
          if ((dataset?.index ?? 0) === 0) plannedRun++;
          if (isSkipped || isTodo) counts.skipped++;
          else if (hasError) counts.failed++;
          else counts.passed++;
        });
      },
    },
    conclude() {
      const run = counts.passed + counts.failed + counts.skipped;
      const filtered = process.argv.some((word) => /^--(files|tests|groups|tags|failed)/.test(word));
      if (run === 0) fail('no test ran');
      else if (!filtered && plannedRun !== planned)
        fail(`${String(planned)} tests were planned, ${String(plannedRun)} ran`);
      // One of several processes: who started them adds up.
      if (process.send !== undefined) process.send(counts);
      else
        process.stdout.write(
          `\n${String(counts.passed)} passed, ${String(counts.failed)} failed, ${String(counts.skipped)} skipped\n`,
        );
    },
  };
}

function fail(reason: string): void {
  process.stdout.write(`\n${reason}\n`);
  process.exitCode = 1;
}

function countPlanned(runner: Runner): number {
  const stacks: readonly unknown[] = runner.suites.flatMap((suite) => suite.stack);
  return stacks.reduce<number>((sum, entry) => sum + (entry instanceof Group ? entry.tests.length : 1), 0);
}
