import type { Command } from 'commander';

import { summaryLines } from '../report/console-view.ts';
import { runCommand } from './command.ts';
import { addMatrixOptions, judgeMatrix, type MatrixCommandArguments } from './matrix-judgement.ts';

/** `redoubt matrix`: every bundle with every compute image and workload on every host. */
export function addMatrixCommand(program: Command): void {
  const command = program
    .command('matrix')
    .description(
      'judge bundles x majors x hosts x compute images x workloads; goes on where a killed run ended',
    );
  addMatrixOptions(command)
    .option('--shard <i/n>', 'only the i-th of n parts of the plan; see merge-reports')
    .option('--json', 'print the report as one JSON object on standard output, all else on standard error')
    .option('--quiet', 'print the result only')
    .action(async (typed: MatrixCommandArguments) => {
      await runCommand(typed, async (context) => {
        const { report, directory } = await judgeMatrix(typed, context);
        context.surface.result(summaryLines(report, directory, context.surface.palette), report);
        return report.exitCode;
      });
    });
}
