import { dirname } from 'node:path';

import { launchFailure } from '../../bundle/launch-failure.ts';
import { RedoubtError } from '../../error.ts';
import type { Host } from '../../host/engine.ts';
import { requireFreeSpace } from '../../host/machine/free-space.ts';
import { walredoPageSizeBytes } from '../../redo/replay/message.ts';
import type { Replay } from '../../redo/replay/replay.ts';
import type { Tape } from '../../redo/tape/tape.ts';
import type { OpenedBundle } from '../inputs/opened-bundle.ts';
import { replayTape } from './replay-tape.ts';

/**
 * A replay by which a bundle is judged: what the disk or the baseline is to blame for is no fault of the candidate's.
 * Throws `disk-full`, `baseline-unanswered`, and what replaying throws.
 */
export async function judgedReplay(
  tape: Tape,
  { role, bundle }: OpenedBundle,
  host: Host,
  directory: string,
  { label, answerTimeoutMs }: { readonly label: string; readonly answerTimeoutMs: number },
): Promise<Replay> {
  const disk = dirname(directory);
  await requireFreeSpace(disk, tape.index.length * walredoPageSizeBytes, `replaying the tape "${label}"`);
  const replay = await replayTape(tape, bundle, host, directory, { answerTimeoutMs }).catch(
    (error: unknown) => {
      throw role === 'baseline' ? baselineFault(error) : error;
    },
  );
  if (replay.faults.length > 0) {
    // A walredo that cannot write its answers ends like a broken one, and is not to blame.
    const answered = replay.runs.reduce((sum, run) => sum + run.pages, 0);
    const missingBytes = Math.max(1, tape.index.length - answered) * walredoPageSizeBytes;
    await requireFreeSpace(disk, missingBytes, `what is left of replaying the tape "${label}"`);
  }
  return replay;
}

/** A baseline that does not start is no fault of the candidate's. */
function baselineFault(error: unknown): unknown {
  const failure = launchFailure(error);
  if (failure === undefined) return error;
  return new RedoubtError('infrastructure', 'baseline-unanswered', `the baseline bundle: ${failure}`, {
    remedy: 'Name another --baseline, or hosts on which it runs.',
  });
}
