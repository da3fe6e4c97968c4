import type { Command } from 'commander';

import { openGivenCompute } from '../gate/given-compute.ts';
import { hostChoices } from '../gate/host-choices.ts';
import { choicesUnderPolicy, sayingWhose, underPolicy } from '../gate/under-policy.ts';
import { type MatrixArguments, parseMatrixOptions } from '../matrix/matrix-options.ts';
import { runMatrix } from '../matrix/run-matrix.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { summaryLines } from '../report/console-view.ts';
import { MatrixView } from '../report/matrix-view.ts';
import { runCommand } from './command.ts';
import { prepare } from './prepare.ts';
import { today } from './today.ts';

interface PolicyArguments extends MatrixArguments {
  readonly policy?: string;
}

/** `redoubt matrix`: every bundle with every compute image and workload on every host. */
export function addMatrixCommand(program: Command): void {
  program
    .command('matrix')
    .description(
      'judge bundles x majors x hosts x compute images x workloads; goes on where a killed run ended',
    )
    .option('--candidate <bundle...>', 'folders or tarballs, or NAME=PATH (default: the reference bundle)')
    .option('--pg <majors>', 'PostgreSQL majors, as in 15,17 (default: all that bundles and images have)')
    .option('--hosts <names>', 'hosts, as in debian:11,debian:12 (default: those of `redoubt hosts`)')
    .option('--host <name=archive...>', 'a host more, or the root of one: root tarball, docker save, OCI')
    .option(
      '--compute <names...>',
      'compute images, by name or as NAME=ARCHIVE, any number for each major (default: one for each)',
    )
    .option('--workload <file.sql...>', 'statements of your own to capture, or collation, every-record')
    .option('--suites <names>', 'contract, initdb, walredo, collation, readback (default: all)')
    .option('--engine <name>', 'how a root is entered: auto, chroot, docker (default: auto, which is chroot)')
    .option('--shard <i/n>', 'only the i-th of n parts of the plan; see merge-reports')
    .option('--kernel-floor', 'initdb under a real Linux 5.10, too; walredo always is')
    .option('--answer-timeout <seconds>', 'longest time for one page (default: 60, as in a pageserver)')
    .option('--initdb-matrix <extent>', "initdb's options on each host: sample, full (default: sample)")
    .option(
      '--report <folder>',
      'where the report goes; named again, a run that was cut off goes on (default: below reports/out)',
    )
    .option(
      '--policy <file>',
      'what is laid down beforehand (default: redoubt.config.ts, where there is one)',
    )
    .option('--json', 'print the report as one JSON object on standard output, all else on standard error')
    .option('--quiet', 'print the result only')
    .action(async (typed: PolicyArguments) => {
      await runCommand(typed, async ({ surface, stack }) => {
        const policy = await loadPolicy(typed.policy, today());
        const { candidate, compute, ...common } = typed;
        const { compute: ofPolicy, ...asked } = underPolicy(common, policy);
        const images = compute ?? (ofPolicy === undefined ? undefined : [ofPolicy]);
        const options = await sayingWhose(common, policy, async () => {
          const givenImages = await openGivenCompute(images?.join(','), surface.progress);
          const { baseline: _b, candidate: _c, ...rest } = asked;
          return parseMatrixOptions(
            {
              ...rest,
              ...(candidate === undefined ? {} : { candidate }),
              ...(images === undefined ? {} : { compute: images }),
            },
            choicesUnderPolicy({ ...hostChoices(), givenImages }, policy),
          );
        });
        await prepare('judging bundles', surface);
        const view = new MatrixView(surface.palette);
        const { report, directory } = await runMatrix(options, {
          progress: surface.progress,
          onEvent: (event) => {
            for (const line of view.lines(event)) surface.say(line);
          },
          stack,
        });
        surface.result(summaryLines(report, directory, surface.palette), report);
        return report.exitCode;
      });
    });
}
