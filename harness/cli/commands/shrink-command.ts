import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import { Option, type Command } from 'commander';

import type { LibraryProvider } from '../../collation/probe.ts';
import { RedoubtError } from '../../error.ts';
import { parseLocalesInUse } from '../../collation/locale-in-use.ts';
import { parseMajors } from '../../gate/gate-options.ts';
import type { Progress } from '../../host/progress.ts';
import { readIndexStrings } from '../../readback/index-strings.ts';
import { readStrings } from '../../reproduction/failing-strings.ts';
import { findPair } from '../../reproduction/find-pair.ts';
import type { Reproduction } from '../../reproduction/reproduction.ts';
import { requireEmpty, writeReproduction } from '../../reproduction/reproduction-folder.ts';
import {
  reproductionServer,
  type ReproductionOutput,
  runReproduction,
} from '../../reproduction/run-reproduction.ts';
import { runCommand } from '../command.ts';
import { examples } from '../examples.ts';
import { majorOfBundles } from '../drift/bundle-major.ts';
import { driftEnvironment } from '../drift/drift-environment.ts';
import { prepare } from '../prepare.ts';
import { reproductionLines } from '../drift/reproduction-words.ts';
import type { SurfaceOptions } from '../surface.ts';

interface ShrinkArguments extends SurfaceOptions {
  readonly from: string;
  readonly to: string;
  readonly locale: string;
  readonly provider?: LibraryProvider;
  readonly strings?: string;
  readonly index?: string;
  readonly pg?: string;
  readonly out: string;
}

/** `redoubt shrink`: the smallest two strings, one table and one index that show a drift. */
export function addShrinkCommand(program: Command): void {
  program
    .command('shrink')
    .description('the smallest reproduction of a drift: two strings, one table, one index, in a folder')
    .addHelpText(
      'after',
      examples('./redoubt shrink --from debian:11 --to debian:12 --locale C.UTF-8 --out pair'),
    )
    .requiredOption(
      '--from <environment>',
      'distro (debian:11), compute image (npm:17), image of the Docker daemon (image:NAME), bundle or root',
    )
    .requiredOption('--to <environment>', 'the same')
    .requiredOption('--locale <name>', 'as in C.UTF-8, und, icu:de-u-co-phonebk')
    .addOption(
      new Option('--provider <name>', 'whose locale (default: by its name)').choices(['libc', 'icu']),
    )
    .option('--strings <file>', 'among which to look: a line each, a JSON array, or a report with findings')
    .option('--index <file>', 'among the keys of a btree index on text: its file, at rest, from base/')
    .option('--pg <major>', 'whose libraries of a bundle (default: those of its newest major)')
    .requiredOption('--out <folder>', 'a new folder')
    .option('--json', 'one JSON object on standard output')
    .option('--quiet', 'print the result only')
    .addHelpText('after', '\nExit codes: 0 no two strings change places, 1 two do, 2 usage, 3 not judged.')
    .action(async (typed: ShrinkArguments) => {
      await runCommand(typed, async ({ surface }) => {
        await requireEmpty(typed.out);
        const { provider, locale } = wantedLocale(typed);
        await prepare('looking for the smallest pair', surface);
        const { progress, palette } = surface;
        const major = typed.pg === undefined ? undefined : parseMajors(typed.pg)[0];
        const found = await findPair({
          from: await driftEnvironment(lasting(typed.from), major, progress),
          to: await driftEnvironment(lasting(typed.to), major, progress),
          provider,
          locale,
          strings: await givenStrings(typed),
          progress,
        });
        if (found === undefined) {
          surface.result(
            [`${provider} ${locale}: no two strings change places from ${typed.from} to ${typed.to}`],
            { schemaVersion: 1, exitCode: 0, reproduction: null },
          );
          return 0;
        }
        const { reproduction, output, why } = await run({ ...found, major: major ?? null }, progress);
        await writeReproduction(typed.out, reproduction, output);
        const lines = reproductionLines(reproduction, output, palette);
        surface.result(
          [
            ...lines,
            ...(why === undefined ? [] : [`no server ran: ${why}`]),
            `again    ${typed.out}/reproduce.sh`,
          ],
          { schemaVersion: 1, exitCode: 1, reproduction, ...output },
        );
        return 1;
      });
    });
}

/** A name that means the same from any folder. */
function lasting(environment: string): string {
  return existsSync(environment) ? resolve(environment) : environment;
}

function wantedLocale({ locale, provider }: ShrinkArguments): {
  readonly provider: LibraryProvider;
  readonly locale: string;
} {
  const [first, ...others] = parseLocalesInUse(
    '--locale',
    provider === undefined ? locale : `${provider}:${locale}`,
  );
  if (first === undefined || others.length > 0 || first.provider === 'builtin')
    throw new RedoubtError(
      'usage',
      'invalid-locales',
      `--locale ${locale}: not one locale of libc or libicu`,
      {
        remedy: 'Name one, as in --locale C.UTF-8 or --locale icu:de.',
      },
    );
  return { provider: first.provider, locale: first.locale };
}

async function givenStrings({ strings, index }: ShrinkArguments): Promise<readonly string[] | undefined> {
  if (strings !== undefined && index !== undefined)
    throw new RedoubtError('usage', 'arguments', '--strings and --index are two questions', {
      remedy: 'Give one of them.',
    });
  if (strings !== undefined) return readStrings(strings);
  return index === undefined ? undefined : readIndexStrings(index);
}

/** With servers where the environments have something to give them, else as the libraries say. */
async function run(
  found: Reproduction,
  progress: Progress,
): Promise<{
  readonly reproduction: Reproduction;
  readonly output: ReproductionOutput;
  readonly why?: string;
}> {
  const { provider, from, to } = found;
  try {
    const major = await majorOfBundles([from.name, to.name], found.major ?? undefined, progress);
    const servers = [
      await reproductionServer(from.name, provider, major, progress),
      await reproductionServer(to.name, provider, major, progress),
    ] as const;
    const reproduction: Reproduction = {
      ...found,
      from: { ...from, server: servers[0] },
      to: { ...to, server: servers[1] },
    };
    return { reproduction, output: await runReproduction(reproduction, progress) };
  } catch (error) {
    if (!(error instanceof RedoubtError) || error.code === 'interrupted') throw error;
    return { reproduction: found, output: askedOutput(found), why: error.message };
  }
}

/** What the libraries say, where no server can. */
export function askedOutput({ compared }: Reproduction): ReproductionOutput {
  return { expected: [`1 ${compared.from} 2`], seen: [`1 ${compared.to} 2`] };
}
