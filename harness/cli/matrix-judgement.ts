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
import { addJudgementOptions, type JudgementArguments } from './judgement-options.ts';
import { prepare } from './prepare.ts';
import { addViewOptions, ReportViews, type ViewArguments } from './report-views.ts';
import type { Surface } from './surface.ts';
import { today } from './today.ts';

/** What is typed after a command that judges a matrix. */
export interface MatrixCommandArguments extends MatrixArguments, JudgementArguments, ViewArguments {}

/** The options by which a matrix is asked for. */
export function addMatrixOptions(command: Command): Command {
  command
    .option('--candidate <bundle...>', 'folders or tarballs, or NAME=PATH (default: the reference bundle)')
    .option('--baseline <bundle>', 'bundle whose answers all must equal as well')
    .option('--pg <majors>', 'PostgreSQL majors, as in 15,17 (default: all that bundles and images have)')
    .option(
      '--compute <names...>',
      'compute images, by name or as NAME=ARCHIVE, any number for each major (default: one for each)',
    )
    .option('--workload <file.sql...>', 'statements of your own to capture, or collation, every-record')
    .option('--tape <folder...>', 'replay these tapes instead of capturing');
  addJudgementOptions(command).option(
    '--report <folder>',
    'where the report goes; named again, a run that was cut off goes on (default: below reports/out)',
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
