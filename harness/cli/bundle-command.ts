import { resolve } from 'node:path';
import type { Command } from 'commander';

import { buildPgInstall } from '../bundle/pg-install/build.ts';
import {
  type BuildOptions,
  buildReferenceBundle,
  type BuiltBundle,
  referenceMajors,
} from '../bundle/reference/build.ts';
import { buildStatic, staticMajors } from '../bundle/static-variant/build.ts';
import { RedoubtError } from '../error.ts';
import { chooseComputeImages } from '../gate/compute-image.ts';
import { parseMajors } from '../gate/gate-options.ts';
import type { ComputeImage } from '../host/compute-images.ts';
import { runCommand } from './command.ts';
import { prepare } from './prepare.ts';
import type { SurfaceOptions } from './surface.ts';

interface BuildArguments extends SurfaceOptions {
  readonly out: string;
  readonly layout: string;
  readonly pg?: string;
  readonly compute?: string;
}

interface Builder {
  readonly build: (options: BuildOptions) => Promise<BuiltBundle>;
  /** The majors that go in when none is named. */
  readonly majors: readonly number[];
}

/** What can be built, by the layout that is asked for. */
const builders: Readonly<Record<string, Builder>> = {
  chroot: { build: buildReferenceBundle, majors: referenceMajors },
  'pg-install': { build: buildPgInstall, majors: referenceMajors },
  static: { build: buildStatic, majors: staticMajors },
};

/** `redoubt bundle build`: the reference bundle as a tarball. */
export function addBundleCommand(program: Command): void {
  const bundle = program.command('bundle').description('make bundles');
  bundle
    .command('build')
    .description(
      "build the reference bundle (RFC variant 2) from Debian's own packages, the same bytes every time",
    )
    .option(
      '--layout <name>',
      `${Object.keys(builders).join(', ')}: pg-install is npm's servers, which lean on their host; static (RFC variant 1) is compiled from source, for minutes`,
      'chroot',
    )
    .option('--out <file>', 'where to put it; .tar.zst, .tar.gz or .tar', 'redoubt-reference.tar.zst')
    .option(
      '--pg <majors>',
      `majors to put in (default: ${referenceMajors.join(',')}; static: ${staticMajors.join(',')})`,
    )
    .option(
      '--compute <names>',
      "images whose servers go in, as in npm:17.0 (default: each major's own); without --pg their majors alone",
    )
    .option('--json', 'one JSON object on standard output')
    .option('--quiet', 'print the result only')
    .action(async (typed: BuildArguments) => {
      await runCommand(typed, async ({ surface }) => {
        const builder = builderOf(typed.layout);
        const images = typed.compute === undefined ? [] : chooseComputeImages(typed.compute);
        const majors = majorsOf(typed, images, builder.majors);
        await prepare('building a bundle', surface);
        const built = await builder.build({
          majors,
          images,
          out: resolve(typed.out),
          progress: surface.progress,
        });
        surface.result([built.path, `sha256 ${built.digest}`, `majors ${built.majors.join(', ')}`], {
          schemaVersion: 1,
          exitCode: 0,
          ...built,
        });
        return 0;
      });
    });
}

function builderOf(layout: string): Builder {
  const builder = Object.hasOwn(builders, layout) ? builders[layout] : undefined;
  if (builder !== undefined) return builder;
  throw new RedoubtError(
    'usage',
    'unknown-layout',
    `--layout ${layout}: no bundle of that layout can be built`,
    { remedy: `Choose from: ${Object.keys(builders).join(', ')}.` },
  );
}

/** The majors that go in: those asked for, else those of the images, else the usual ones. */
function majorsOf(
  { pg }: BuildArguments,
  images: readonly ComputeImage[],
  usual: readonly number[],
): readonly number[] {
  if (pg === undefined) return images.length === 0 ? usual : images.map(({ major }) => major);
  const majors = parseMajors(pg);
  const unused = images.find(({ major }) => !majors.includes(major));
  if (unused === undefined) return majors;
  throw new RedoubtError(
    'usage',
    'unused-image',
    `--compute ${unused.name} has PostgreSQL ${String(unused.major)}, and --pg ${pg} leaves that out`,
    { remedy: 'Name its major with --pg, too, or leave --pg out.' },
  );
}
