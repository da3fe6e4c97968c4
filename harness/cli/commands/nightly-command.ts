import type { Command } from 'commander';

import { addToHistory } from '../../nightly/history.ts';
import { newsOf } from '../../nightly/news.ts';
import { newsLines } from '../../nightly/news-words.ts';
import { nightlyRun, nightlySchemaVersion } from '../../nightly/nightly-run.ts';
import { summaryLines } from '../../report/console-view.ts';
import { openReport, type OpenedReport } from '../../report/open-report.ts';
import { printableValue } from '../../report/printable.ts';
import { type CommandContext, runCommand } from '../command.ts';
import { examples } from '../examples.ts';
import { addMatrixOptions, judgeMatrix, type MatrixCommandArguments } from '../matrix-judgement.ts';

interface NightlyArguments extends MatrixCommandArguments {
  readonly history: string;
  readonly fromReport?: string;
}

const defaultHistory = 'redoubt-history';

/** `redoubt nightly`: the matrix of a policy, and what is new since the run before. */
export function addNightlyCommand(program: Command): void {
  const command = program
    .command('nightly')
    .description(
      'run the matrix of the policy, keep it in a history, and say what is new since the run before',
    )
    .addHelpText(
      'after',
      examples('./redoubt nightly --candidate bundle.tar.zst', './redoubt nightly --from-report merged'),
    );
  addMatrixOptions(command)
    .option('--history <folder>', 'where the history is kept: one file a run, and an index', defaultHistory)
    .option(
      '--from-report <folder>',
      'add a run that was made elsewhere, such as a merged one, instead of running',
    )
    .option('--json', 'print run and news as one JSON object on standard output')
    .option('--quiet', 'print the result only')
    .action(async (typed: NightlyArguments) => {
      await runCommand(typed, async (context) => {
        const { surface } = context;
        const { report, directory } = await reportOf(typed, context);
        const run = nightlyRun(report);
        const history = await addToHistory(typed.history, run);
        const news = newsOf(history.runs, run);
        surface.result(
          [
            ...summaryLines(report, directory, surface.palette),
            ...newsLines(printableValue(run), printableValue(news), history.told, surface.palette),
          ],
          { schemaVersion: nightlySchemaVersion, exitCode: run.exitCode, run, news, told: history.told },
        );
        return run.exitCode;
      });
    });
}

async function reportOf(typed: NightlyArguments, context: CommandContext): Promise<OpenedReport> {
  return typed.fromReport === undefined ? judgeMatrix(typed, context) : openReport(typed.fromReport);
}
