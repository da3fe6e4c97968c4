import type { Command } from 'commander';

import { openGivenCompute } from '../gate/inputs/given-compute.ts';
import { hostChoices } from '../gate/inputs/host-choices.ts';
import type { GateResult } from '../gate/run-gate.ts';
import { choicesUnderPolicy, sayingWhose, underPolicy } from '../gate/under-policy.ts';
import { type MatrixArguments, type MatrixOptions, parseMatrixOptions } from '../matrix/matrix-options.ts';
import { runMatrix } from '../matrix/run-matrix.ts';
import { openLock } from '../pin/opened-lock.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { MatrixView } from '../report/matrix-view.ts';
import type { CommandContext } from './command.ts';
import { prepare } from './prepare.ts';
import { addViewOptions, ReportViews, type ViewArguments } from './report-views.ts';
import type { Surface } from './surface.ts';
import { today } from './today.ts';

/** What is typed after a command that judges a matrix. */
export interface MatrixCommandArguments extends MatrixArguments, ViewArguments {
  readonly policy?: string;
  readonly lock?: string;
}

/** The options by which a matrix is asked for. */
export function addMatrixOptions(command: Command): Command {
  command
    .option('--candidate <bundle...>', 'folders or tarballs, or NAME=PATH (default: the reference bundle)')
    .option('--baseline <bundle>', 'bundle whose answers all must equal as well')
    .option('--pg <majors>', 'PostgreSQL majors, as in 15,17 (default: all that bundles and images have)')
    .option('--hosts <names>', 'hosts, as in debian:11,debian:12 (default: those of `redoubt hosts`)')
    .option('--host <name=archive...>', 'a host more, or the root of one: root tarball, docker save, OCI')
    .option(
      '--compute <names...>',
      'compute images, by name or as NAME=ARCHIVE, any number for each major (default: one for each)',
    )
    .option('--workload <file.sql...>', 'statements of your own to capture, or collation, every-record')
    .option('--tape <folder...>', 'replay these tapes instead of capturing')
    .option('--suites <names>', 'contract, initdb, walredo, collation, readback (default: all)')
    .option('--engine <name>', 'how a root is entered: auto, chroot, docker (default: auto, which is chroot)')
    .option('--kernel-floor', 'initdb under a real Linux 5.10, too; walredo always is')
    .option('--answer-timeout <seconds>', 'longest time for one page (default: 60, as in a pageserver)')
    .option(
      '--locales <names>',
      'locales in use, as in C.UTF-8,sv_SE.UTF-8,und,icu:de (default: those of the workloads)',
    )
    .option('--initdb-matrix <extent>', "initdb's options on each host: sample, full (default: sample)")
    .option(
      '--report <folder>',
      'where the report goes; named again, a run that was cut off goes on (default: below reports/out)',
    )
    .option(
      '--policy <file>',
      'what is laid down beforehand (default: redoubt.config.ts, where there is one)',
    )
    .option(
      '--lock <file>',
      'the pinned bundle to compare with (default: bundle.lock.json, where there is one)',
    );
  return addViewOptions(command);
}

/** Judges the matrix that was asked for, under the policy that there is, and shows what happens as it happens. */
export async function judgeMatrix(
  typed: MatrixCommandArguments,
  { surface, stack }: CommandContext,
): Promise<GateResult> {
  const options = await askedMatrix(typed, surface);
  await prepare('judging bundles', surface);
  const view = new MatrixView(surface.palette);
  const reportViews = new ReportViews(typed);
  return runMatrix(options, {
    progress: surface.progress,
    onEvent: (event) => {
      for (const line of view.lines(event)) surface.say(line);
    },
    onResumed: (words) => {
      surface.say(words);
    },
    onReport: reportViews.show,
    stack,
  });
}

/** What was asked for, under the policy that there is. Throws what parsing options and opening images throws. */
export async function askedMatrix(
  typed: MatrixCommandArguments,
  { progress }: Surface,
): Promise<MatrixOptions> {
  const policy = await loadPolicy(typed.policy, today());
  const lock = await openLock(typed.lock);
  const { candidate, compute, ...common } = typed;
  const { compute: ofPolicy, ...asked } = underPolicy(common, policy);
  const images = compute ?? (ofPolicy === undefined ? undefined : [ofPolicy]);
  return sayingWhose(common, policy, async () => {
    const givenImages = await openGivenCompute(images?.join(','), progress);
    const { candidate: _, ...rest } = asked;
    return parseMatrixOptions(
      {
        ...rest,
        ...(candidate === undefined ? {} : { candidate }),
        ...(images === undefined ? {} : { compute: images }),
      },
      choicesUnderPolicy({ ...hostChoices(), givenImages, ...(lock === undefined ? {} : { lock }) }, policy),
    );
  });
}
