import { readFileSync } from 'node:fs';

import { hasSucceeded, probe, walredo } from '../../harness/contract/probe.ts';
import type { Discovery, Subject } from '../../harness/contract/subject.ts';
import { RedoubtError } from '../../harness/error.ts';
import type { OpenedBundle } from '../../harness/gate/inputs/opened-bundle.ts';
import { openKeptTape } from '../../harness/gate/replay/kept-tape.ts';
import { ofHost, share } from '../../harness/gate/shared-work.ts';
import type { CompletedProcess } from '../../harness/host/engine.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { walredoPageSizeBytes } from '../../harness/redo/replay/message.ts';
import type { Tape } from '../../harness/redo/tape/tape.ts';
import type { Examination, Promised } from '../promise.ts';

/** A promise about a bundle's behaviour: what a check of harness/contract discovers is what is found and noted. */
export function behaves(
  id: string,
  text: string,
  discover: (examination: Examination, subject: Subject) => Promise<Discovery>,
): Promised {
  return {
    id,
    text,
    examine: async (examination) => {
      await using scratch = await temporaryDirectory(`the promise ${id}`);
      const { candidate } = examination.gate;
      const subject = subjectOf(examination, candidate, scratch.path);
      const { findings, notes } = await discover(examination, subject);
      for (const finding of findings) examination.found(finding);
      for (const note of notes) examination.note(note);
    },
  };
}

/** One of the run's bundles on the cell's host. */
export function subjectOf({ gate, cell }: Examination, { bundle }: OpenedBundle, scratch: string): Subject {
  const { answerTimeoutMs } = gate;
  return { bundle, major: cell.major, host: gate.host(cell.host), scratch, answerTimeoutMs };
}

/** The kept tape and what walredo makes of it under usual circumstances. */
export interface PlainReplay {
  readonly tape: Tape;
  readonly requests: Buffer;
  readonly process: CompletedProcess;
}

/** The plain replay of a major on the cell's host, done once; `subject` need not be of the cell's major. */
export function plainReplay({ gate, cell }: Examination, subject: Subject): Promise<PlainReplay> {
  return share(gate, ofHost(subject.major, cell.host, 'plain'), async () => {
    const tape = await openKeptTape(subject.major, gate.candidate);
    const requests = readFileSync(tape.requestsPath);
    return { tape, requests, process: await probe(subject, walredo, requests) };
  });
}

/** The same, once it is known that walredo answered everything. @throws RedoubtError `no-plain-answers`. */
export async function answeredReplay(examination: Examination, subject: Subject): Promise<PlainReplay> {
  const plain = await plainReplay(examination, subject);
  const { process, tape } = plain;
  if (hasSucceeded(process) && process.stdout.length === tape.index.length * walredoPageSizeBytes)
    return plain;
  throw new RedoubtError(
    'infrastructure',
    'no-plain-answers',
    `walredo of v${String(subject.major)} does not answer as it must: there is nothing to compare with`,
    { remedy: 'See the promise kept-tape, which judges that.' },
  );
}

/** A promise that needs the answers of the plain replay; without them there is nothing to compare with. */
export function behavesOnTape(
  id: string,
  text: string,
  discover: (examination: Examination, subject: Subject, plain: PlainReplay) => Promise<Discovery>,
): Promised {
  return behaves(id, text, async (examination, subject) =>
    discover(examination, subject, await answeredReplay(examination, subject)),
  );
}
