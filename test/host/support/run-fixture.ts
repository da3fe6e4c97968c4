import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

export type Fixture = ChildProcessByStdio<null, Readable, null>;
export type FixtureLine = Readonly<Record<string, unknown>>;

/** Starts a program of this folder under the same Node, after `prefix` (a command that execs its arguments). */
export function startFixture(
  name: string,
  env: Readonly<Record<string, string>>,
  prefix?: readonly [string, ...string[]],
  args: readonly string[] = [],
): Fixture {
  const program = [process.execPath, join(import.meta.dirname, name), ...args] as const;
  const [command, ...rest] = prefix === undefined ? program : [...prefix, ...program];
  return spawn(command, rest, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
}

/** The JSON lines that a fixture prints until it ends. */
export async function linesOf(fixture: Fixture): Promise<readonly FixtureLine[]> {
  const output = await text(fixture.stdout);
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as FixtureLine);
}
