import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { CompletedProcess } from '../host/engine.ts';
import { type Observation, readObservation } from '../host/observation.ts';
import { prepare, walredo, withScratch, type Program } from './probe.ts';
import type { Subject } from './subject.ts';

/** process_madvise, the last x86-64 system call of Linux 5.10, the oldest kernel that a bundle must run on. */
export const newestCallOfFloor = 440;

/** A program's whole run, watched, on a kernel that has no system call younger than Linux 5.10. */
export interface ObservedRun {
  readonly program: 'initdb' | 'walredo';
  readonly process: CompletedProcess;
  readonly observation: Observation;
}

/** Runs both programs of a bundle so: initdb with these flags, and walredo over these requests. */
export async function observeRuns(
  subject: Subject,
  initdbFlags: readonly string[],
  requestsPath: string,
): Promise<readonly ObservedRun[]> {
  const initdb = await observe(subject, { name: 'initdb', flags: initdbFlags });
  const replay = await observe(subject, walredo, requestsPath);
  return [
    { program: 'initdb', ...initdb },
    { program: 'walredo', ...replay },
  ];
}

function observe(
  subject: Subject,
  program: Program,
  stdinPath?: string,
): Promise<Omit<ObservedRun, 'program'>> {
  return withScratch(subject, async (directory) => {
    const path = join(directory, 'observation');
    const spec = await prepare(subject, program, directory, {
      watch: { path, newestSystemCall: newestCallOfFloor, untoldFolder: '/inout' },
      ...(stdinPath === undefined ? {} : { stdin: { kind: 'file', path: stdinPath } }),
    });
    const process = await subject.host.run(spec);
    const observation = await readObservation(path);
    await rm(path);
    return { process, observation };
  });
}
