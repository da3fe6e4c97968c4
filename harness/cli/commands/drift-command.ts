import { Option, type Command } from 'commander';

import { attributeCharacters } from '../../collation/attribution/attribute-characters.ts';
import { attributeDrift } from '../../collation/attribution/attribute-drift.ts';
import type { LocaleAttribution } from '../../collation/attribution/attribution.ts';
import type { SwapSides } from '../../collation/attribution/swap.ts';
import type { CollationEnvironment } from '../../collation/environment.ts';
import { driftBetween } from '../../collation/drift.ts';
import type { CollationProvider, LocaleDrift } from '../../collation/locale-drift.ts';
import { RedoubtError } from '../../error.ts';
import { newFolder } from '../../gate/new-folder.ts';
import { parseMajors } from '../../gate/gate-options.ts';
import { composedImage, serverName } from '../../host/composition/composition-recipe.ts';
import { computeImage } from '../../host/compute-images.ts';
import type { Progress } from '../../host/progress.ts';
import type { Palette } from '../../report/console-view.ts';
import { writeWhole } from '../../report/write-whole.ts';
import { readStrings } from '../../reproduction/failing-strings.ts';
import { attributionLines } from '../drift/attribution-words.ts';
import { runCommand } from '../command.ts';
import { examples } from '../examples.ts';
import { majorOfBundles } from '../drift/bundle-major.ts';
import { driftEnvironment } from '../drift/drift-environment.ts';
import { ownServerSides, swapSides } from '../drift/environment-parts.ts';
import { causeViews } from '../drift/cause-views.ts';
import { driftPage } from '../drift/drift-page.ts';
import { driftLines } from '../drift/drift-words.ts';
import { uncoloured, writeDriftReport } from '../drift/drift-report.ts';
import { prepare } from '../prepare.ts';
import { proofServer } from '../drift/proof-sides.ts';
import { proofLines } from '../drift/proof-words.ts';
import { proveDrift } from '../drift/prove-drift.ts';
import type { SurfaceOptions } from '../surface.ts';

interface DriftArguments extends SurfaceOptions {
  readonly from: string;
  readonly to: string;
  readonly locale?: readonly string[];
  readonly provider: CollationProvider | 'all';
  readonly pg?: string;
  readonly strings?: string;
  readonly quick?: boolean;
  readonly prove?: string | true;
  readonly attribute?: boolean;
  readonly report?: string;
  readonly html?: string;
}

const everyProvider: readonly CollationProvider[] = ['libc', 'icu', 'builtin'];

/** `redoubt drift --from ENV --to ENV`: which strings two environments put in another order. */
export function addDriftCommand(program: Command): void {
  program
    .command('drift')
    .description(
      'whether the order or the equality of strings changes between two environments, and for which',
    )
    .addHelpText(
      'after',
      examples(
        './redoubt drift --from debian:11 --to debian:12',
        './redoubt drift --from debian:12 --to debian:13 --locale und,sv --attribute',
        './redoubt drift --from bundle.tar.zst --pg 17 --to debian:13 --quick',
      ),
    )
    .requiredOption(
      '--from <environment>',
      'distro (debian:11), compute image (npm:17), composition (pg=npm:17,libc=debian:12,icu=debian:13), image of the Docker daemon (image:NAME), bundle or root',
    )
    .requiredOption('--to <environment>', 'the same')
    .option('--locale <names...>', 'as in de_DE.utf8, de, de-u-co-phonebk, und (default: all on both sides)')
    .addOption(
      new Option('--provider <name>', 'whose order').choices([...everyProvider, 'all']).default('all'),
    )
    .option('--pg <major>', 'whose libraries of a bundle (default: those of its newest major)')
    .option(
      '--strings <file>',
      'your own strings, too: a line each, a JSON array, or a report with findings; with --quick nothing but them and chosen pairs',
    )
    .option('--quick', 'versions, data and chosen pairs only: seconds, but what does not flip proves nothing')
    .option(
      '--prove [image]',
      `write a data directory under one side and read it back under the other, by one server (default ${proofServer})`,
    )
    .option(
      '--attribute',
      'exchange libc, its locale data, libicu, its data and the server one at a time, and say which is guilty',
    )
    .option('--report <folder>', 'with --prove: where to put what checks it by hand (a new folder)')
    .option('--html <file>', 'write what was found as a page, too')
    .option('--json', 'one JSON object on standard output')
    .option('--quiet', 'print the result only')
    .addHelpText('after', '\nExit codes: 0 nothing changes, 1 something does, 2 usage, 3 not judged.')
    .action(async (typed: DriftArguments) => {
      await runCommand(typed, async ({ surface }) => {
        const report = reportFolder(typed);
        const named = serverOfProof(typed);
        const locales = askedLocales(typed);
        const strings = typed.strings === undefined ? undefined : await readStrings(typed.strings);
        await prepare('looking for drift', surface);
        const { progress } = surface;
        const major = typed.pg === undefined ? undefined : parseMajors(typed.pg)[0];
        const from = await driftEnvironment(typed.from, major, progress);
        const to = await driftEnvironment(typed.to, major, progress);
        // One that cannot be had is told before anything is swept.
        if (named !== undefined) await composedImage(`pg=${named}`, progress);
        const sides = typed.attribute === true ? await swapSides({ from, to, major }, progress) : undefined;
        const found = await driftBetween({
          from,
          to,
          providers: typed.provider === 'all' ? everyProvider : [typed.provider],
          locales,
          strings,
          quick: typed.quick === true,
          progress,
        });
        const server = typed.prove === true ? await serverOfBundles(typed, major, progress) : named;
        const proof =
          server === undefined
            ? undefined
            : await proveDrift(found, {
                from: typed.from,
                to: typed.to,
                server,
                areNamed: typed.locale !== undefined,
                progress,
              });
        const attributions = sides && (await attribute(found.locales, { from, to, sides }, progress));
        const causes = attributions && causeViews(attributions);
        const exitCode = proof?.breaks === true ? 1 : exitCodeOf(found.locales);
        const object = {
          schemaVersion: 1,
          exitCode,
          ...found,
          ...proof?.inDrift,
          ...(attributions === undefined
            ? {}
            : {
                locales: withAttributions(
                  proof?.inDrift.locales ?? found.locales,
                  found.locales,
                  attributions,
                ),
              }),
        };
        const lines = (palette: Palette): readonly string[] => [
          ...driftLines(found, palette),
          ...(causes === undefined ? [] : attributionLines(causes, palette)),
          ...(proof === undefined ? [] : proofLines(proof, palette)),
        ];
        if (report !== undefined && proof !== undefined)
          await writeDriftReport(report, { proof, object, lines: lines(uncoloured) });
        if (typed.html !== undefined) {
          writeWhole(
            typed.html,
            driftPage(
              found,
              { causes: causes ?? [], proofs: proof?.proved.map((proved) => proved.proof) ?? [] },
              exitCode,
            ),
          );
        }
        surface.result(lines(surface.palette), object);
        return exitCode;
      });
    });
}

/** What the libraries are to blame for, and what each side's own server. */
async function attribute(
  drifts: readonly LocaleDrift[],
  { from, to, sides }: Record<'from' | 'to', CollationEnvironment> & { readonly sides: SwapSides },
  progress: Progress,
): Promise<ReadonlyMap<LocaleDrift, LocaleAttribution>> {
  const ofLibraries = await attributeDrift(drifts, sides, progress);
  const own = await ownServerSides({ from, to });
  const ofServers = own && (await attributeCharacters(drifts, own, progress));
  return new Map([...ofLibraries, ...(ofServers ?? [])]);
}

/** The names of locales as they were written, each once; undefined where none was. Throws `invalid-locales` (usage). */
function askedLocales({ locale }: DriftArguments): readonly string[] | undefined {
  if (locale === undefined) return undefined;
  const words = locale.flatMap((each) => each.split(',')).map((word) => word.trim());
  const names = [...new Set(words.filter((word) => word !== ''))];
  const strange = names.find((name) => !/^[A-Za-z][A-Za-z0-9._@=-]{0,127}$/.test(name));
  if (names.length > 0 && strange === undefined) return names;
  throw new RedoubtError(
    'usage',
    'invalid-locales',
    strange === undefined
      ? '--locale names nothing'
      : `--locale ${JSON.stringify(strange)}: not the name of a locale`,
    { remedy: 'Write locales with commas: --locale C.UTF-8,sv_SE.UTF-8,und,de-u-co-phonebk.' },
  );
}

/** The compute image that proves, if anything is to be proved. Throws `unknown-compute-image` (usage). */
function serverOfProof({ prove }: DriftArguments): string | undefined {
  return prove === undefined ? undefined : serverName(prove === true ? proofServer : prove);
}

/** A bundle has libraries for each of its majors: the server is of the one that is asked for, or of its newest. */
async function serverOfBundles(
  { from, to }: DriftArguments,
  wanted: number | undefined,
  progress: Progress,
): Promise<string> {
  const major = await majorOfBundles([from, to], wanted, progress);
  return computeImage(major === undefined ? proofServer : `npm:${String(major)}`).name;
}

/** What is told of each locale, with what was found about its cause; null where nothing changes. */
function withAttributions(
  told: readonly object[],
  drifts: readonly LocaleDrift[],
  attributions: ReadonlyMap<LocaleDrift, LocaleAttribution>,
): readonly object[] {
  return told.map((each, number) => {
    const drift = drifts[number];
    return { ...each, attribution: (drift && attributions.get(drift)) ?? null };
  });
}

/** Where evidence goes; only a proof has any. */
function reportFolder({ report, prove }: DriftArguments): string | undefined {
  if (report === undefined) return undefined;
  if (prove !== undefined) return newFolder(report, '--report');
  throw new RedoubtError('usage', 'report-without-proof', '--report keeps the evidence of --prove', {
    remedy: 'Give --prove, too.',
  });
}

/** What was only looked at in passing is no proof that nothing changes. */
function exitCodeOf(locales: readonly LocaleDrift[]): number {
  if (locales.some(({ order, equality }) => order === 'changed' || equality === 'changed')) return 1;
  return locales.some(({ order }) => order === 'unknown') ? 3 : 0;
}
