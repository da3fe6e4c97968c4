import { Option, type Command } from 'commander';

import { driftBetween } from '../collation/drift.ts';
import type { CollationProvider, LocaleDrift } from '../collation/locale-drift.ts';
import { parseMajors } from '../gate/gate-options.ts';
import { runCommand } from './command.ts';
import { driftEnvironment } from './drift-environment.ts';
import { driftLines } from './drift-words.ts';
import { prepare } from './prepare.ts';
import type { SurfaceOptions } from './surface.ts';

interface DriftArguments extends SurfaceOptions {
  readonly from: string;
  readonly to: string;
  readonly locale?: readonly string[];
  readonly provider: CollationProvider | 'all';
  readonly pg?: string;
  readonly quick?: boolean;
}

const everyProvider: readonly CollationProvider[] = ['libc', 'icu', 'builtin'];

/** `redoubt drift --from ENV --to ENV`: which strings two environments put in another order. */
export function addDriftCommand(program: Command): void {
  program
    .command('drift')
    .description(
      'whether the order or the equality of strings changes between two environments, and for which',
    )
    .requiredOption('--from <environment>', 'distro (debian:11), compute image (npm:17), bundle or root')
    .requiredOption('--to <environment>', 'the same')
    .option('--locale <names...>', 'as in de_DE.utf8, de, de-u-co-phonebk, und (default: all on both sides)')
    .addOption(
      new Option('--provider <name>', 'whose order').choices([...everyProvider, 'all']).default('all'),
    )
    .option('--pg <major>', 'whose libraries of a bundle (default: those of its newest major)')
    .option('--quick', 'versions, data and chosen pairs only: seconds, but what does not flip proves nothing')
    .option('--json', 'one JSON object on standard output')
    .option('--quiet', 'print the result only')
    .addHelpText('after', '\nExit codes: 0 nothing changes, 1 something does, 2 usage, 3 not judged.')
    .action(async (typed: DriftArguments) => {
      await runCommand(typed, async ({ surface }) => {
        await prepare('looking for drift', surface);
        const { progress, palette } = surface;
        const major = typed.pg === undefined ? undefined : parseMajors(typed.pg)[0];
        const drift = await driftBetween({
          from: await driftEnvironment(typed.from, major, progress),
          to: await driftEnvironment(typed.to, major, progress),
          providers: typed.provider === 'all' ? everyProvider : [typed.provider],
          locales: typed.locale?.flatMap((names) => names.split(',')),
          quick: typed.quick === true,
          progress,
        });
        const exitCode = exitCodeOf(drift.locales);
        surface.result(driftLines(drift, palette), { schemaVersion: 1, exitCode, ...drift });
        return exitCode;
      });
    });
}

/** What was only looked at in passing is no proof that nothing changes. */
function exitCodeOf(locales: readonly LocaleDrift[]): number {
  if (locales.some(({ order, equality }) => order === 'changed' || equality === 'changed')) return 1;
  return locales.some(({ order }) => order === 'unknown') ? 3 : 0;
}
