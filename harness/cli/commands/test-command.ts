import { join } from 'node:path';
import { Argument, type Command } from 'commander';

import { referenceMajors, referenceRecipes } from '../../bundle/reference/build.ts';
import { ensureReferenceBundle } from '../../bundle/reference/ensure.ts';
import { computeMajors, computeRecipe } from '../../host/compute-images.ts';
import { defaultHostNames, hostRecipe } from '../../host/debian/recipes.ts';
import { ensureRoots } from '../../host/root.ts';
import { runCommand } from '../command.ts';
import { examples } from '../examples.ts';
import { runTests } from '../test-lanes.ts';

const testMain = join(import.meta.dirname, '../../../test/main.ts');

/** `redoubt test`: the tests of the harness; what they need is made first, so that no test waits for it. */
export function addTestCommand(program: Command): void {
  program
    .command('test')
    .description('run the tests of Redoubt itself: unit, integration, product')
    .addHelpText(
      'after',
      examples('./redoubt test unit', './redoubt test --files tape.unit.ts', './redoubt test --full'),
    )
    .addArgument(
      new Argument('[suites...]', 'which of them (default: all)').choices(['unit', 'integration', 'product']),
    )
    .option('--full', 'the long runs as well')
    .option('--files <pattern...>', 'only test files that match')
    .option('--tests <title...>', 'only tests with these titles')
    .action(
      async (
        suites: readonly string[],
        options: { full?: boolean; files?: readonly string[]; tests?: readonly string[] },
      ) => {
        await runCommand({}, async ({ surface, stack }) => {
          if (suites.length !== 1 || suites[0] !== 'unit') {
            await ensureRoots(
              [
                ...defaultHostNames().map(hostRecipe),
                ...computeMajors().map(computeRecipe),
                ...referenceRecipes(referenceMajors),
              ],
              surface.progress,
            );
            await ensureReferenceBundle(surface.progress);
            surface.say('everything the tests need is there');
          }
          const filters = (['files', 'tests'] as const).flatMap((name) =>
            (options[name] ?? []).flatMap((value) => [`--${name}`, value]),
          );
          return runTests(
            {
              main: testMain,
              suites,
              filters,
              env: options.full === true ? { REDOUBT_TEST_TIER: 'full' } : {},
            },
            stack,
          );
        });
      },
    );
}
