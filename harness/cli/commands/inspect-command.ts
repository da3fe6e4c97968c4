import type { Command } from 'commander';

import { findComponent } from '../../bundle/inventory/find-component.ts';
import { inspectBundle } from '../../bundle/inventory/inspect-bundle.ts';
import type { BundleDescription } from '../../bundle/inventory/describe-bundle.ts';
import { RedoubtError } from '../../error.ts';
import { runCommand } from '../command.ts';
import { examples } from '../examples.ts';
import { findWords, inspectWords } from '../inspect-words.ts';
import type { Surface, SurfaceOptions } from '../surface.ts';

interface InspectArguments extends SurfaceOptions {
  readonly sbom?: boolean;
  readonly find?: string;
}

/** `redoubt inspect`: what bundles hold, told from their files; nothing is executed. */
export function addInspectCommand(program: Command): void {
  program
    .command('inspect')
    .description('tell what bundles hold: servers, libicu, libc, locales, libraries and their packages')
    .addHelpText(
      'after',
      examples(
        './redoubt inspect bundle.tar.zst',
        './redoubt inspect --find libicu bundle.tar.zst old.tar.zst',
      ),
    )
    .argument('<bundles...>', 'bundles: folders or tarballs, which are not unpacked')
    .option('--sbom', 'the bill of materials of one bundle on standard output, as CycloneDX 1.6 in JSON')
    .option('--find <name>', 'only where a library or package of that name lies, in which bundle and major')
    .option('--json', 'one JSON object on standard output')
    .option('--quiet', 'print the result only')
    .action(async (bundles: readonly string[], typed: InspectArguments) => {
      await runCommand(typed, async ({ surface }) => {
        requireOneForm(bundles, typed);
        const descriptions: BundleDescription[] = [];
        for (const bundle of bundles) {
          surface.progress('inspecting', bundle);
          descriptions.push(await inspectBundle(bundle));
        }
        await show(descriptions, typed, surface);
        return 0;
      });
    });
}

function requireOneForm(bundles: readonly string[], { sbom, find, json }: InspectArguments): void {
  if (sbom !== true) return;
  const wrong =
    find !== undefined
      ? '--sbom and --find'
      : json === true
        ? '--sbom, which is JSON, and --json'
        : undefined;
  if (wrong === undefined && bundles.length === 1) return;
  throw new RedoubtError(
    'usage',
    'sbom-form',
    wrong === undefined
      ? `--sbom is of one bundle, and ${String(bundles.length)} were given`
      : `${wrong} are two forms of an answer`,
    { remedy: 'Write ./redoubt inspect --sbom BUNDLE > bundle.cdx.json.' },
  );
}

async function show(
  descriptions: readonly BundleDescription[],
  { find, sbom }: InspectArguments,
  surface: Surface,
): Promise<void> {
  const [first] = descriptions;
  if (sbom === true && first !== undefined) {
    // Only who asks for it waits for CycloneDX's library.
    const { writeSbom } = await import('../../bundle/inventory/sbom.ts');
    surface.result([writeSbom(first).trimEnd()], undefined);
    return;
  }
  if (find !== undefined) {
    const found = descriptions.flatMap((description) => findComponent(description, find));
    surface.result(findWords(find, found, descriptions.length), {
      schemaVersion: 1,
      exitCode: 0,
      find,
      found,
    });
    return;
  }
  const lines = descriptions.flatMap((description, index) => [
    ...(index === 0 ? [] : ['']),
    ...inspectWords(description),
  ]);
  surface.result(lines, { schemaVersion: 1, exitCode: 0, bundles: descriptions });
}
