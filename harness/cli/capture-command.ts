import { Option, type Command } from 'commander';

import { captureKinds, capturePlan } from '../gate/capture-plan.ts';
import { captureToFolder } from '../gate/capture-to-folder.ts';
import { parseMajors } from '../gate/gate-options.ts';
import { runCommand } from './command.ts';
import { prepare } from './prepare.ts';
import type { SurfaceOptions } from './surface.ts';

interface CaptureArguments extends SurfaceOptions {
  readonly out: string;
  readonly pg: string;
  readonly bundle?: string;
  readonly kind: string;
  readonly scale?: 'small' | 'full';
}

/** `redoubt capture`: runs the workload on a compute image and leaves its tape in a folder. */
export function addCaptureCommand(program: Command): void {
  program
    .command('capture')
    .description('run the workload on a compute image and make a tape of its WAL, to be replayed anywhere')
    .requiredOption('--pg <major>', 'PostgreSQL major')
    .requiredOption('--out <folder>', 'where to put the tape; must not exist')
    .option('--bundle <bundle>', 'whose initdb makes the data directory (default: the reference bundle)')
    .addOption(
      new Option('--kind <kind>', 'which workload, and what the server writes into its WAL')
        .choices(captureKinds)
        .default('records'),
    )
    .addOption(
      new Option('--scale <scale>', "how much of the workload (default: the kind's own)").choices([
        'small',
        'full',
      ]),
    )
    .option('--json', 'one JSON object on standard output')
    .option('--quiet', 'print the result only')
    .action(async (typed: CaptureArguments) => {
      await runCommand(typed, async ({ surface, stack }) => {
        await prepare('capturing a workload', surface);
        const plan = capturePlan(typed.kind);
        const manifest = await captureToFolder({
          majors: parseMajors(typed.pg),
          out: typed.out,
          bundle: typed.bundle,
          plan: { ...plan, scale: typed.scale ?? plan.scale },
          progress: surface.progress,
          stack,
        });
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
