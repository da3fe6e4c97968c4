import type { Command } from 'commander';

import { mergeReports } from '../../matrix/merge-reports.ts';
import { summaryLines } from '../../report/console-view.ts';
import { runCommand } from '../command.ts';
import { examples } from '../examples.ts';
import { addViewOptions, ReportViews, type ViewArguments } from '../report-views.ts';
import type { SurfaceOptions } from '../surface.ts';

interface MergeArguments extends SurfaceOptions, ViewArguments {
  readonly out: string;
  readonly allowPartial?: boolean;
}

/** `redoubt merge-reports`: the shards of a matrix as one report. Exits as its verdict does. */
export function addMergeReportsCommand(program: Command): void {
  const command = program
    .command('merge-reports')
    .description('put the shards of a matrix together: the report is that of the whole matrix')
    .addHelpText('after', examples('./redoubt merge-reports shard-1 shard-2 shard-3 --out merged'))
    .argument('<folders...>', "each shard's report, in any order")
    .requiredOption('--out <folder>', 'where the merged report goes; must not exist')
    .option(
      '--allow-partial',
      'merge what there is of missing, duplicate or differing shards; never exits 0',
    );
  addViewOptions(command)
    .option('--json', 'print the report as one JSON object on standard output')
    .option('--quiet', 'print the result only')
    .action(async (folders: readonly string[], typed: MergeArguments) => {
      await runCommand(typed, async ({ surface }) => {
        const allowPartial = typed.allowPartial === true;
        const views = new ReportViews(typed);
        const { report, directory } = await mergeReports(folders, typed.out, { allowPartial });
        views.show(report);
        surface.result(summaryLines(report, directory, surface.palette), report);
        return report.exitCode;
      });
    });
}
