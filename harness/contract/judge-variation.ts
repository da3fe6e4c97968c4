import type { CompletedProcess } from '../host/engine.ts';
import { walredoPageSizeBytes } from '../redo/replay/message.ts';
import type { Tape } from '../redo/tape/tape.ts';
import { compareOutputs, describeDifference } from './page-difference.ts';
import { describeEnd, hasHung, hasSucceeded, probe, walredo } from './probe.ts';
import type { Discovery, Subject } from './subject.ts';
import type { Variation } from './variation.ts';

/** Replays a tape under a variation: every byte must be as in `plain`, the replay without it. */
export async function judgeVariation(
  subject: Subject,
  tape: Tape,
  requests: Buffer,
  plain: CompletedProcess,
  { words, variety }: Variation,
): Promise<Discovery> {
  const varied = await probe(subject, walredo, requests, variety);
  const message = complaint(subject, tape, plain, varied);
  const newWords = varied.stderr.trim();
  return {
    findings:
      message === undefined
        ? []
        : [
            {
              code: 'circumstance-matters',
              message: `walredo ${words} ${message}`,
              details: { variation: words, tape: tape.directory, pages: tape.index.length },
            },
          ],
    notes:
      message === undefined && newWords !== '' && newWords !== plain.stderr.trim()
        ? [`walredo ${words} says: ${newWords.split('\n')[0] ?? ''}`]
        : [],
  };
}

function complaint(
  { answerTimeoutMs }: Subject,
  tape: Tape,
  plain: CompletedProcess,
  varied: CompletedProcess,
): string | undefined {
  const answers = varied.stdout.length / walredoPageSizeBytes;
  const wanted = plain.stdout.length / walredoPageSizeBytes;
  const after = `after ${String(Math.floor(answers))} of ${String(wanted)} answers`;
  if (hasHung(varied.ending)) return `did not end within ${String(answerTimeoutMs / 1000)} s, ${after}`;
  if (!hasSucceeded(varied)) return `${describeEnd(varied)}, ${after}`;
  if (answers !== wanted)
    return `ended well but gave ${String(varied.stdout.length)} instead of ${String(plain.stdout.length)} bytes`;
  const difference = compareOutputs(plain.stdout, varied.stdout);
  return difference === undefined
    ? undefined
    : `answers otherwise than without: ${describeDifference(difference, tape)}`;
}
