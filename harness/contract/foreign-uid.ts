import { describeEnd, hasSucceeded, probe, type Program } from './probe.ts';
import type { Discovery, Subject } from './subject.ts';

/** A uid that no system gives away by itself. */
const foreignUid = 54_321;

/**
 * What a program does as a user without a passwd entry: vanilla's initdb says that it could not look it up. No promise
 * speaks of it, so that it is only noted.
 */
export async function noteForeignUid(subject: Subject, programs: readonly Program[]): Promise<Discovery> {
  const notes: string[] = [];
  for (const program of programs) {
    const process = await probe(subject, program, Buffer.alloc(0), { uid: foreignUid, gid: foreignUid });
    const end = hasSucceeded(process) ? 'works' : describeEnd(process);
    notes.push(`as uid ${String(foreignUid)}, which has no passwd entry, ${program.name} ${end}`);
  }
  return { findings: [], notes };
}
