import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { RedoubtError } from '../../error.ts';
import { type ChrootEvent, toError, toResult } from '../chroot/chroot-event.ts';
import type { ProcessResult } from '../engine.ts';

/** What one process in the guest came to. */
export type GuestOutcome = EndedInGuest | NotStartedInGuest;

export interface EndedInGuest {
  readonly kind: 'ended';
  readonly result: ProcessResult;
  /** A file with all that it wrote to its standard output. */
  readonly stdoutPath: string;
  readonly stderr: string;
  /** The folder that it saw as `/inout`. */
  readonly inout: string;
}

export interface NotStartedInGuest {
  readonly kind: 'not started';
  /** As the chroot engine throws it: `exec-failed`, where the program is to blame. */
  readonly error: RedoubtError;
}

/** How much of what a process wrote to stderr is kept. */
const stderrCharacters = 2 ** 20;

/**
 * Reads what the guest handed over of one task.
 * @throws RedoubtError `guest-failed` when nothing tells its end.
 */
export async function readOutcome(directory: string, guestName: string): Promise<GuestOutcome> {
  const lines = (await readFile(join(directory, 'events'), 'utf8')).split('\n').filter((line) => line !== '');
  for (const line of lines) {
    const event = JSON.parse(line) as ChrootEvent;
    if (event.event === 'failed') return { kind: 'not started', error: toError(event, guestName) };
    if (event.event !== 'ended') continue;
    return {
      kind: 'ended',
      result: toResult(event),
      stdoutPath: join(directory, 'stdout'),
      stderr: (await readFile(join(directory, 'stderr'), 'utf8')).slice(-stderrCharacters),
      inout: join(directory, 'inout'),
    };
  }
  throw new RedoubtError(
    'infrastructure',
    'guest-failed',
    `nothing tells the end of a process in ${guestName}`,
  );
}
