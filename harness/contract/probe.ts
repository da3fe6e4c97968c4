import { chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { launch, versionWord } from '../bundle/launch.ts';
import { walredoFlags } from '../bundle/launch-walredo.ts';
import type { CompletedProcess, Ending, ProcessSpec } from '../host/engine.ts';
import { describeEnding } from '../host/describe-ending.ts';
import type { Subject } from './subject.ts';

/** Debian's nobody and nogroup, as whom a bundle's programs run. */
export const usualUid = 65_534;

/** Initdb makes a whole cluster; on a machine that does other work that has taken half a minute. */
const initdbWallTimeMs = 120_000;
const memoryBytes = 2 ** 30;
const outputBytes = 512 * 2 ** 20;
const processes = 64;

/** What of a process a probe may choose otherwise than a pageserver does. */
export type Variety = Partial<
  Pick<ProcessSpec, 'env' | 'workingDirectory' | 'uid' | 'gid' | 'circumstances' | 'watch' | 'stdin'>
>;

/** One of the bundle's programs to run. */
export interface Program {
  readonly name: string;
  readonly flags: readonly string[];
  /** The word for the major; default that of the subject. */
  readonly version?: string;
}

/** The program by which a pageserver replays. */
export const walredo: Program = { name: 'postgres', flags: walredoFlags };

/** How to start a program with a fresh `/inout` of its own, which goes with the folder `scratch`. */
export async function prepare(
  subject: Subject,
  program: Program,
  scratch: string,
  variety: Variety = {},
): Promise<ProcessSpec> {
  const inout = join(scratch, 'inout');
  const uid = variety.uid ?? usualUid;
  await mkdir(inout);
  await chown(inout, uid, uid);
  const { bundle, major, answerTimeoutMs } = subject;
  const start = launch(bundle, major, program.name, program.flags, program.version ?? versionWord(major));
  return {
    ...start,
    ...variety,
    env: { ...start.env, ...variety.env },
    mounts: [...(start.mounts ?? []), { source: inout, target: '/inout', readOnly: false }],
    limits: {
      wallTimeMs: program.name === 'initdb' ? initdbWallTimeMs : answerTimeoutMs,
      memoryBytes,
      outputBytes,
      processes,
    },
  };
}

/** Makes a folder for one probe and removes it when the body is done. */
export async function withScratch<T>(
  { scratch }: Subject,
  body: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(scratch, 'probe-'));
  try {
    return await body(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Runs a program to its end with these bytes as its standard input. */
export async function probe(
  subject: Subject,
  program: Program,
  input: Buffer,
  variety: Variety = {},
): Promise<CompletedProcess> {
  return withScratch(subject, async (directory) => {
    const path = join(directory, 'input');
    await writeFile(path, input);
    const spec = await prepare(subject, program, directory, variety);
    return subject.host.run({ ...spec, stdin: variety.stdin ?? { kind: 'file', path } });
  });
}

export function hasSucceeded({ ending }: Pick<CompletedProcess, 'ending'>): boolean {
  return ending.kind === 'exited' && ending.exitCode === 0;
}

/** Whether the harness had to end it. */
export function hasHung(ending: Ending): boolean {
  return ending.kind === 'limited' && ending.limit === 'wall-time';
}

/** `exited with code 1, saying: FATAL: ...`, on one line. */
export function describeEnd({ ending, stderr }: Pick<CompletedProcess, 'ending' | 'stderr'>): string {
  const words = firstWords(stderr);
  return `${describeEnding(ending)}${words === '' ? ', saying nothing' : `, saying: ${words}`}`;
}

/** The beginning of what a process said, on one line. */
export function firstWords(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}
