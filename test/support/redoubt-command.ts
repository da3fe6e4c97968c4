import { join } from 'node:path';
import { execa } from 'execa';

import type { Report } from '../../harness/report/report.ts';
import { schemaFaults } from '../report/support/report-schema.ts';

/** The launcher of the command line. */
export const redoubtLauncher = join(import.meta.dirname, '../../redoubt');

export interface CommandOutcome {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `./redoubt` as a user does, with another environment where the test says so. */
export async function redoubt(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandOutcome> {
  const { exitCode, stdout, stderr } = await execa(redoubtLauncher, words, {
    reject: false,
    env,
    stdin: 'ignore',
  });
  return { exitCode, stdout, stderr };
}

/** Runs a command that judges, written as one types it, with `--json --quiet`, and reads the report that it prints, which has what its schema says. */
export async function judged(
  command: string,
): Promise<{ readonly exitCode: number | undefined; readonly report: Report }> {
  const { exitCode, stdout } = await redoubt([...command.split(' '), '--json', '--quiet']);
  const report = JSON.parse(stdout) as Report;
  const faults = schemaFaults('report.schema.json', report);
  if (faults.length > 0) throw new Error(`not by its schema: ${faults.join('; ')}`);
  return { exitCode, report };
}
