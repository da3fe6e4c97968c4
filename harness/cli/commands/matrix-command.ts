import type { Command } from 'commander';

import { cacheDirectory } from '../../host/cache.ts';
import { listMatrix } from '../../matrix/list-matrix.ts';
import { prepareMatrix } from '../../matrix/prepare-matrix.ts';
import { summaryLines } from '../../report/console-view.ts';
import { type CommandContext, runCommand } from '../command.ts';
import { examples } from '../examples.ts';
import {
  addMatrixOptions,
  askedMatrix,
  judgeMatrix,
  type MatrixCommandArguments,
} from '../matrix-judgement.ts';
import { prepare } from '../prepare.ts';
import { promiseLines } from '../promise-lines.ts';

interface ShardArguments extends MatrixCommandArguments {
  readonly prepare?: boolean;
}

/** `redoubt matrix`: every bundle with every compute image and workload on every host. */
export function addMatrixCommand(program: Command): void {
  const command = program
    .command('matrix')
    .description(
      'judge bundles x majors x hosts x compute images x workloads; goes on where a killed run ended',
    )
    .addHelpText(
      'after',
      examples(
        './redoubt matrix --candidate bundle.tar.zst --report all',
        './redoubt matrix --pg 15,17 --compute debian:12,debian:13 npm:17',
        './redoubt matrix --shard 1/3 --report shard-1',
      ),
    );
  addMatrixOptions(command)
    .option('--shard <i/n>', 'only the i-th of n parts of the plan; see merge-reports')
    .option(
      '--prepare',
      'only make roots, bundles and tapes: shards that share this cache, or its tapes, judge on the same ones',
    )
    .option('--list', 'only list what would be checked, and what each check promises')
    .option('--json', 'print the report as one JSON object on standard output, all else on standard error')
    .option('--quiet', 'print the result only')
    .action(async (typed: ShardArguments) => {
      await runCommand(typed, async (context) => {
        if (typed.list === true) return listAndShow(typed, context);
        if (typed.prepare === true) return prepareAndShow(typed, context);
        const { report, directory } = await judgeMatrix(typed, context);
        context.surface.result(summaryLines(report, directory, context.surface.palette), report);
        return report.exitCode;
      });
    });
}

async function listAndShow(typed: ShardArguments, { surface }: CommandContext): Promise<number> {
  const options = await askedMatrix(typed, surface);
  await prepare('listing checks', surface);
  const checks = await listMatrix(options, surface.progress);
  surface.result(promiseLines(checks, surface.palette), { schemaVersion: 1, checks });
  return 0;
}

async function prepareAndShow(typed: ShardArguments, { surface, stack }: CommandContext): Promise<number> {
  const options = await askedMatrix(typed, surface);
  await prepare('making tapes', surface);
  const tapes = await prepareMatrix(options, { progress: surface.progress, stack });
  const lines = tapes.map(
    ({ major, label, compute, requests, directory }) =>
      `tape pg${String(major)} ${label} of ${compute ?? ''}: ${String(requests)} pages  ${surface.palette.faint(directory)}`,
  );
  const cache = cacheDirectory();
  surface.result([...lines, `prepared ${String(tapes.length)} tapes in ${cache}/tapes`], {
    schemaVersion: 1,
    exitCode: 0,
    cache,
    tapes,
  });
  return 0;
}
