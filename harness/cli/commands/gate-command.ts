import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';

import { parseGateOptions, type GateArguments, type GateOptions } from '../../gate/gate-options.ts';
import { listPromises } from '../../gate/plan/list-promises.ts';
import { runGate } from '../../gate/run-gate.ts';
import { openGivenCompute } from '../../gate/inputs/given-compute.ts';
import { hostChoices } from '../../gate/inputs/host-choices.ts';
import { choicesUnderPolicy, sayingWhose, underPolicy } from '../../gate/under-policy.ts';
import { systemError } from '../../host/system-error.ts';
import { openLock } from '../../pin/opened-lock.ts';
import { loadPolicy } from '../../policy/load-policy.ts';
import { ConsoleView, summaryLines } from '../../report/console-view.ts';
import { InPlanOrder } from '../../report/in-plan-order.ts';
import { runCommand, type CommandContext } from '../command.ts';
import { examples } from '../examples.ts';
import { addJudgementOptions, type JudgementArguments } from '../judgement-options.ts';
import { prepare } from '../prepare.ts';
import { promiseLines } from '../promise-lines.ts';
import { addViewOptions, ReportViews, type ViewArguments } from '../report-views.ts';
import { today } from '../today.ts';

interface GateCommandArguments extends GateArguments, JudgementArguments, ViewArguments {}

/** `redoubt gate`: the main job. */
export function addGateCommand(program: Command): void {
  const command = program
    .command('gate')
    .description('judge a bundle: real pages, real WAL, its own walredo, every byte compared')
    .addHelpText(
      'after',
      examples(
        './redoubt gate --candidate bundle.tar.zst',
        './redoubt gate --candidate new.tar.zst --baseline bundle.tar.zst',
        './redoubt gate --pg 17 --hosts debian:12,debian:13 --suites walredo',
        "./redoubt gate --grep 'initdb/vanilla' --list",
      ),
    )
    .option('--candidate <bundle>', 'folder or tarball to judge (default: the reference bundle, built here)')
    .option('--baseline <bundle>', 'bundle whose answers the candidate must equal as well')
    .option(
      '--pg <majors>',
      'PostgreSQL majors, as in 15,17 (default: all that bundle and compute images have)',
    )
    .option(
      '--compute <names>',
      'compute images that make the pages, by name or as NAME=ARCHIVE (default: one for each major)',
    )
    .option('--tape <folder...>', 'replay these tapes instead of capturing the workload');
  addJudgementOptions(command).option(
    '--report <folder>',
    'where to put events.ndjson, report.json and evidence (default: below reports/out)',
  );
  addViewOptions(command)
    .option('--grep <pattern>', 'only checks whose id or promise matches, as in walredo/recovery')
    .option('--last-failed [report]', 'only checks that did not pass in the last run, or in that of a report')
    .option('--list', 'only list what would be checked, and what each check promises')
    .option('--json', 'print the report as one JSON object on standard output, all else on standard error')
    .option('--quiet', 'print the result only')
    .action(async (typed: GateCommandArguments) => {
      await runCommand(typed, async ({ surface, stack }) => {
        const policy = await loadPolicy(typed.policy, today());
        const lock = await openLock(typed.lock);
        const asked = underPolicy(typed, policy);
        const options = await sayingWhose(typed, policy, async () => {
          const givenImages = await openGivenCompute(asked.compute, surface.progress);
          const choices = { ...hostChoices(), givenImages, ...(lock === undefined ? {} : { lock }) };
          return parseGateOptions(asked, choicesUnderPolicy(choices, policy));
        });
        if (options.list) {
          const promises = await listPromises(options, surface.progress);
          surface.result(promiseLines(promises, surface.palette), { schemaVersion: 1, checks: promises });
          return 0;
        }
        return judgeAndShow(options, { surface, stack }, { views: typed });
      });
    });
}

/** What a command has to tell beside the report: a line each for people, an object under `name` for programs. */
export interface Addition {
  readonly name: string;
  readonly lines: readonly string[];
  readonly facts: unknown;
}

/**
 * Runs the gate, shows what happens as it happens and the verdict at the end; returns the exit code. An addition also
 * goes into the report's folder, as `NAME.json`. Views are written of a run that fails or is interrupted, too.
 */
export async function judgeAndShow(
  options: GateOptions,
  { surface, stack }: CommandContext,
  { addition, views = {} }: { readonly addition?: Addition; readonly views?: ViewArguments } = {},
): Promise<number> {
  await prepare('judging a bundle', surface);
  const view = new ConsoleView(surface.palette);
  const shown = new InPlanOrder((event) => {
    for (const line of view.lines(event)) surface.say(line);
  });
  const reportViews = new ReportViews(views);
  const { report, directory, htmlFault } = await runGate(options, {
    progress: surface.progress,
    onEvent: (event) => {
      shown.take(event);
    },
    onReport: reportViews.show,
    stack,
  });
  if (htmlFault !== null) surface.say(surface.palette.doubtful(`there is no report.html: ${htmlFault}`));
  const lines = summaryLines(report, directory, surface.palette);
  if (addition === undefined) {
    surface.result(lines, report);
  } else {
    await writeAddition(join(directory, `${addition.name}.json`), addition.facts);
    surface.result([...addition.lines, ...lines], { ...report, [addition.name]: addition.facts });
  }
  return report.exitCode;
}

async function writeAddition(path: string, facts: unknown): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(facts, null, 2)}\n`);
  } catch (error) {
    throw systemError(`cannot write ${path}`, error);
  }
}
