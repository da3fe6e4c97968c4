import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Bundle } from '../../../harness/bundle/open.ts';
import { probe, walredo } from '../../../harness/contract/probe.ts';
import type { Discovery, Subject } from '../../../harness/contract/subject.ts';
import type { CompletedProcess, Host } from '../../../harness/host/engine.ts';
import { Tape } from '../../../harness/redo/tape/tape.ts';

/** The tape that is kept of a major, with its bytes. */
export interface KeptTape {
  readonly tape: Tape;
  readonly requests: Buffer;
}

export function keptTape(major: number): KeptTape {
  const tape = Tape.open(join(import.meta.dirname, '../../../corpora/tapes', `pg${String(major)}`));
  return { tape, requests: readFileSync(tape.requestsPath) };
}

/** How long a test waits for what never comes: what must answer does so in milliseconds, on a loaded machine in a second. */
export const hangMs = 6000;

/** A subject whose programs have time, unless a test is about one that hangs. */
export function subjectOf(
  bundle: Bundle,
  major: number,
  host: Host,
  scratch: string,
  answerTimeoutMs = 30_000,
): Subject {
  return { bundle, major, host, scratch, answerTimeoutMs };
}

/** What walredo answers to the kept tape under usual circumstances. */
export function plainReplay(subject: Subject): Promise<CompletedProcess> {
  return probe(subject, walredo, keptTape(subject.major).requests);
}

/** `code: message` of each finding, for a test's words. */
export function said({ findings }: Discovery): readonly string[] {
  return findings.map(({ code, message }) => `${code}: ${message}`);
}
