import { resolve } from 'node:path';
import type { Command } from 'commander';

import { buildPgInstall } from '../../bundle/pg-install/build.ts';
import {
  type BuildOptions,
  buildReferenceBundle,
  type BuiltBundle,
  referenceMajors,
} from '../../bundle/reference/build.ts';
import { type CandidateImage, candidateImage } from '../../bundle/reference/candidate-image.ts';
import { buildStatic, staticMajors } from '../../bundle/static-variant/build.ts';
import { RedoubtError } from '../../error.ts';
import { chooseComputeImages } from '../../gate/inputs/compute-image.ts';
import { openGivenCompute } from '../../gate/inputs/given-compute.ts';
import { parseMajors } from '../../gate/gate-options.ts';
import type { ComputeImage } from '../../host/compute-images.ts';
import type { Progress } from '../../host/progress.ts';
import { runCommand } from '../command.ts';
import { examples } from '../examples.ts';
import { prepare } from '../prepare.ts';
import type { SurfaceOptions } from '../surface.ts';

interface BuildArguments extends SurfaceOptions {
  readonly out: string;
  readonly layout: string;
  readonly pg?: string;
  readonly compute?: string;
  readonly icu?: string;
  readonly libc?: string;
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
    .summary('build the reference bundle')
    .addHelpText(
      'after',
      examples(
        './redoubt bundle build --pg 17 --out reference.tar.zst',
        './redoubt bundle build --pg 17 --icu debian:13 --libc debian:12',
      ),
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
    .option('--libc <environment>', 'take libc and locales of another root (debian:12, an archive) [chroot]')
    .option('--icu <environment>', 'take libicu of another root (debian:13, npm:17, an archive) [chroot]')
    .option('--json', 'one JSON object on standard output')
    .option('--quiet', 'print the result only')
    .action(async (typed: BuildArguments) => {
      await runCommand(typed, async ({ surface }) => {
        const builder = builderOf(typed.layout);
        const { progress } = surface;
        const named =
          typed.compute === undefined
            ? []
            : chooseComputeImages(typed.compute, await openGivenCompute(typed.compute, progress));
        const majors = majorsOf(typed, named, builder.majors);
        requireOwnLibraries(typed);
        await prepare('building a bundle', surface);
        const candidates = await candidatesOf(typed, majors, named, progress);
        const images = candidates.length === 0 ? named : candidates.map(({ image }) => image);
        const built = await builder.build({ majors, images, out: resolve(typed.out), progress });
        surface.result(
          [
            built.path,
            `sha256 ${built.digest}`,
            `majors ${built.majors.join(', ')}`,
            ...candidates.flatMap(candidateWords),
          ],
          { schemaVersion: 1, exitCode: 0, ...built, servers: candidates.map(serverOf) },
        );
        return 0;
      });
    });
}

/** Servers with other libraries, where such are asked for. */
async function candidatesOf(
  { libc, icu }: BuildArguments,
  majors: readonly number[],
  named: readonly ComputeImage[],
  progress: Progress,
): Promise<readonly CandidateImage[]> {
  if (libc === undefined && icu === undefined) return [];
  const candidates: CandidateImage[] = [];
  for (const major of majors) {
    const asked = named.find((image) => image.major === major);
    candidates.push(await candidateImage(major, asked, { libc, icu }, progress));
  }
  return candidates;
}

function candidateWords({ image, insteadOf }: CandidateImage): readonly string[] {
  const line = `v${String(image.major)} ${image.name}`;
  return insteadOf === null ? [line] : [line, `    and not ${insteadOf.name}: ${insteadOf.why}`];
}

function serverOf({ image, insteadOf }: CandidateImage): object {
  return { major: image.major, server: image.name, insteadOf };
}

/** A bundle that leans on its host has the host's, and a static one has them inside its programs. */
function requireOwnLibraries({ layout, libc, icu }: BuildArguments): void {
  if (layout === 'chroot' || (libc === undefined && icu === undefined)) return;
  throw new RedoubtError(
    'usage',
    'no-own-libraries',
    `--layout ${layout}: such a bundle brings no libraries that could be exchanged`,
    { remedy: 'Leave out --layout: a chroot bundle brings its libc and libicu.' },
  );
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
