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

/** Runs `./redoubt gate --json` (or another command that judges) and reads the report that it prints. */
export async function judged(
  words: readonly string[],
): Promise<{ readonly exitCode: number | undefined; readonly report: Report }> {
  const { exitCode, stdout } = await redoubt([...words, '--json', '--quiet']);
  return { exitCode, report: JSON.parse(stdout) as Report };
}
