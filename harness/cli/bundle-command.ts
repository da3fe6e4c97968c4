import { resolve } from 'node:path';
import type { Command } from 'commander';

import { buildReferenceBundle, referenceMajors } from '../bundle/reference/build.ts';
import { parseMajors } from '../gate/gate-options.ts';
import { runCommand } from './command.ts';
import { prepare } from './prepare.ts';
import type { SurfaceOptions } from './surface.ts';

interface BuildArguments extends SurfaceOptions {
  readonly out: string;
  readonly pg?: string;
}

/** `redoubt bundle build`: the reference bundle as a tarball. */
export function addBundleCommand(program: Command): void {
  const bundle = program.command('bundle').description('make bundles');
  bundle
    .command('build')
    .description(
      "build the reference bundle (RFC variant 2) from Debian's own packages, the same bytes every time",
    )
    .option('--out <file>', 'where to put it; .tar.zst, .tar.gz or .tar', 'redoubt-reference.tar.zst')
    .option('--pg <majors>', `majors to put in (default: ${referenceMajors.join(',')})`)
    .option('--json', 'one JSON object on standard output')
    .option('--quiet', 'print the result only')
    .action(async (typed: BuildArguments) => {
      await runCommand(typed, async ({ surface }) => {
        const majors = typed.pg === undefined ? referenceMajors : parseMajors(typed.pg);
        await prepare('building a bundle', surface);
        const built = await buildReferenceBundle({
          majors,
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
