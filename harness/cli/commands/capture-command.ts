import { Option, type Command } from 'commander';

import { readDataDirectoryState } from '../../compute/data-directory-state.ts';
import { loadWorkloadFile, workMarker } from '../../compute/workload-file.ts';
import { RedoubtError } from '../../error.ts';
import { attachToFolder } from '../../gate/capture/attach-to-folder.ts';
import { captureKinds, capturePlan } from '../../gate/capture/capture-plan.ts';
import { captureToFolder } from '../../gate/capture/capture-to-folder.ts';
import { openGivenCompute } from '../../gate/inputs/given-compute.ts';
import { parseMajors } from '../../gate/gate-options.ts';
import { computeImage, defaultComputeImage, type ComputeImage } from '../../host/compute-images.ts';
import type { Progress } from '../../host/progress.ts';
import type { TapeManifest } from '../../redo/tape/tape-manifest.ts';
import { runCommand, type CommandContext } from '../command.ts';
import { examples } from '../examples.ts';
import { prepare } from '../prepare.ts';
import type { SurfaceOptions } from '../surface.ts';

interface CaptureArguments extends SurfaceOptions {
  readonly out: string;
  readonly pg?: string;
  readonly compute?: string;
  readonly bundle?: string;
  readonly kind?: string;
  readonly scale?: 'small' | 'full';
  readonly workload?: string;
  readonly base?: string;
  readonly wal?: string;
}

/** `redoubt capture`: makes a tape of a workload, or of a data directory and the WAL that follows it. */
export function addCaptureCommand(program: Command): void {
  program
    .command('capture')
    .description('make a tape: of a workload run on a compute image, or of a data directory and its WAL')
    .addHelpText(
      'after',
      examples(
        './redoubt capture --pg 17 --out my-capture',
        './redoubt capture --pg 17 --workload mine.sql --out of-statements',
        './redoubt capture --base data --wal wal --out of-a-primary',
      ),
    )
    .requiredOption('--out <folder>', 'where to put the tape; must not exist')
    .option('--pg <major>', 'PostgreSQL major (with --base: its own)')
    .option(
      '--compute <image>',
      "compute image, as in debian:13, npm:16 or NAME=ARCHIVE (default: the major's own)",
    )
    .option('--bundle <bundle>', 'whose initdb makes the data directory (default: the reference bundle)')
    .addOption(
      new Option(
        '--kind <kind>',
        'which workload, and what the server writes into its WAL (default: records)',
      ).choices(captureKinds),
    )
    .addOption(
      new Option('--scale <scale>', "how much of the workload (default: the kind's own)").choices([
        'small',
        'full',
      ]),
    )
    .option(
      '--workload <file.sql>',
      `statements of your own; what stands before "${workMarker}" makes the base`,
    )
    .option('--base <folder>', 'a data directory at rest, with --wal; it is only read')
    .option('--wal <folder>', "the primary's WAL from there to its shutdown: segments, or its data directory")
    .option('--json', 'one JSON object on standard output')
    .option('--quiet', 'print the result only')
    .action(async (typed: CaptureArguments) => {
      await runCommand(typed, async (context) => {
        const { surface } = context;
        const manifest = await (isAttach(typed) ? attach(typed, context) : capture(typed, context));
        const { requests, records, requestsOnPushedBase } = manifest.counts;
        surface.result(
          [
            `${typed.out}: ${String(requests)} pages (${String(requestsOnPushedBase)} on a base page), ${String(records)} records of PostgreSQL ${manifest.serverVersion}`,
          ],
          { schemaVersion: 1, exitCode: 0, tape: typed.out, ...manifest.counts },
        );
        return 0;
      });
    });
}

async function capture(typed: CaptureArguments, { surface, stack }: CommandContext): Promise<TapeManifest> {
  const plan = capturePlan(typed.kind ?? 'records');
  const image = await imageOf(typed, surface.progress);
  if (image === undefined)
    throw new RedoubtError('usage', 'arguments', 'capture needs --pg, or --compute', {
      remedy: 'Name a major, as in --pg 17.',
    });
  const workload = typed.workload === undefined ? undefined : await loadWorkloadFile(typed.workload);
  await prepare('capturing a workload', surface);
  return captureToFolder({
    image,
    out: typed.out,
    bundle: typed.bundle,
    plan: { ...plan, scale: typed.scale ?? plan.scale },
    workload,
    progress: surface.progress,
    stack,
  });
}

interface Attachment {
  readonly base: string;
  readonly wal: string;
}

/** Whether a data directory is to be attached to. Throws `arguments` (usage) when only half of what that needs is there. */
function isAttach(typed: CaptureArguments): typed is CaptureArguments & Attachment {
  if (typed.base === undefined && typed.wal === undefined) return false;
  const other = (['workload', 'kind', 'scale', 'bundle'] as const).find((name) => typed[name] !== undefined);
  if (typed.base !== undefined && typed.wal !== undefined && other === undefined) return true;
  throw new RedoubtError(
    'usage',
    'arguments',
    other === undefined
      ? `--${typed.base === undefined ? 'wal' : 'base'} needs --${typed.base === undefined ? 'base' : 'wal'}`
      : `--${other} says how to run a workload; with --base and --wal none is run`,
    { remedy: 'Name a data directory at rest with --base, and the WAL that follows it with --wal.' },
  );
}

async function attach(
  typed: CaptureArguments & Attachment,
  { surface }: CommandContext,
): Promise<TapeManifest> {
  const image =
    (await imageOf(typed, surface.progress)) ??
    defaultComputeImage((await readDataDirectoryState(typed.base)).major);
  await prepare('recovering a data directory', surface);
  const { base, wal, out } = typed;
  return attachToFolder({ base, wal, image, out, progress: surface.progress });
}

/**
 * The image that was named or given (`NAME=ARCHIVE`), or that has the major that was; undefined when neither was. Throws
 * `one-major`, `no-compute-image` (usage), and what opening an image throws.
 */
async function imageOf(
  { compute, pg }: CaptureArguments,
  progress: Progress,
): Promise<ComputeImage | undefined> {
  const majors = pg === undefined ? [] : parseMajors(pg);
  const [major, second] = majors;
  if (second !== undefined)
    throw new RedoubtError('usage', 'one-major', '--pg takes one major: a tape belongs to one', {
      remedy: 'Capture each major into a folder of its own.',
    });
  const image = compute === undefined ? undefined : await imageNamed(compute, major, progress);
  if (image !== undefined && major !== undefined && image.major !== major)
    throw new RedoubtError(
      'usage',
      'no-compute-image',
      `--compute ${image.name} has PostgreSQL ${String(image.major)}, not ${String(major)}`,
      { remedy: 'Leave one of --pg and --compute out.' },
    );
  return image ?? (major === undefined ? undefined : defaultComputeImage(major));
}

/** Of an archive with several majors the one that was asked for, else the newest. */
async function imageNamed(
  compute: string,
  major: number | undefined,
  progress: Progress,
): Promise<ComputeImage> {
  const given = (await openGivenCompute(compute, progress)).toSorted(
    (left, right) => left.major - right.major,
  );
  return given.find((image) => image.major === major) ?? given.at(-1) ?? computeImage(compute);
}
