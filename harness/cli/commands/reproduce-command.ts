import type { Command } from 'commander';

import { orderPairs } from '../../collation/pair-order.ts';
import { localesInBoth } from '../../collation/locales-in-both.ts';
import { Probe } from '../../collation/probe.ts';
import { RedoubtError } from '../../error.ts';
import type { Progress } from '../../host/progress.ts';
import type { Reproduction } from '../../reproduction/reproduction.ts';
import { readReproduction } from '../../reproduction/reproduction-folder.ts';
import { type ReproductionOutput, runReproduction } from '../../reproduction/run-reproduction.ts';
import { runCommand } from '../command.ts';
import { examples } from '../examples.ts';
import { driftEnvironment } from '../drift/drift-environment.ts';
import { prepare } from '../prepare.ts';
import { reproductionLines } from '../drift/reproduction-words.ts';
import { askedOutput } from './shrink-command.ts';
import type { SurfaceOptions } from '../surface.ts';

/** `redoubt reproduce DIR`: what `redoubt shrink` found, shown again. */
export function addReproduceCommand(program: Command): void {
  program
    .command('reproduce')
    .description('run a reproduction that `redoubt shrink` wrote, and compare with what was seen then')
    .addHelpText('after', examples('./redoubt reproduce pair'))
    .argument('<folder>', 'folder with environments.json')
    .option('--json', 'one JSON object on standard output')
    .option('--quiet', 'print the result only')
    .addHelpText('after', '\nExit codes: 0 both sides say the same, 1 they differ, 2 usage, 3 not judged.')
    .action(async (folder: string, typed: SurfaceOptions) => {
      await runCommand(typed, async ({ surface }) => {
        const { reproduction, output: then } = await readReproduction(folder);
        await prepare('reproducing a drift', surface);
        const { progress, palette } = surface;
        const output =
          reproduction.from.server === null
            ? await askLibraries(reproduction, progress)
            : await runReproduction(reproduction, progress);
        const isAsThen =
          output.expected.join('\n') === then.expected.join('\n') &&
          output.seen.join('\n') === then.seen.join('\n');
        const exitCode = output.expected.join('\n') === output.seen.join('\n') ? 0 : 1;
        surface.result(
          [
            ...reproductionLines(reproduction, output, palette),
            isAsThen
              ? 'again    the same as when it was written'
              : 'again    NOT the same as when it was written: see expected.txt and seen.txt',
          ],
          { schemaVersion: 1, exitCode, isAsThen, ...output },
        );
        return exitCode;
      });
    });
}

/** Where no server can run with an environment's libraries. */
async function askLibraries(reproduction: Reproduction, progress: Progress): Promise<ReproductionOutput> {
  const { provider, locale, topic, left, right, major, from, to } = reproduction;
  await using stack = new AsyncDisposableStack();
  const open = async ({ name }: Reproduction['from']): Promise<Probe> =>
    stack.use(await Probe.open(await driftEnvironment(name, major ?? undefined, progress), progress));
  const sides = { from: await open(from), to: await open(to) };
  const [shared] = (await localesInBoth(sides, [provider], [locale])).locales[provider];
  const [compared] =
    shared === undefined ? [] : await orderPairs(sides, provider, shared, topic, [[left.text, right.text]]);
  if (compared === undefined)
    throw new RedoubtError(
      'usage',
      'unknown-locale',
      `${from.name} and ${to.name} do not both have ${locale}`,
    );
  return askedOutput({ ...reproduction, compared });
}
