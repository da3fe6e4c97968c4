import { join } from 'node:path';
import { execa } from 'execa';

import type { Report } from '../../harness/report/report.ts';

const launcher = join(import.meta.dirname, '../../redoubt');

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
  const { exitCode, stdout, stderr } = await execa(launcher, words, { reject: false, env, stdin: 'ignore' });
  return { exitCode, stdout, stderr };
}

/** Runs a command that judges, written as one types it, with `--json --quiet`, and reads the report that it prints. */
export async function judged(
  command: string,
): Promise<{ readonly exitCode: number | undefined; readonly report: Report }> {
  const { exitCode, stdout } = await redoubt([...command.split(' '), '--json', '--quiet']);
  return { exitCode, report: JSON.parse(stdout) as Report };
}
