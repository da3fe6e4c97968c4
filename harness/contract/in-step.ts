import { messageBytes, messageWriter, walredoPageSizeBytes } from '../redo/replay/message.ts';
import type { Tape } from '../redo/tape/tape.ts';
import { converse } from './answers-in-step.ts';
import type { Discovery, Subject } from './subject.ts';

/** How many requests of a tape are asked one by one. */
const requestsAsked = 8;

/** The message that asks for nothing but a sign of life. */
export function pingMessage(): Buffer {
  const ping = Buffer.alloc(messageBytes.ping);
  messageWriter.ping(ping, 0);
  return ping;
}

/** Whether each answer comes while the input stays open, before the following request: a pageserver waits for it. */
export async function judgeInStep(subject: Subject, tape: Tape, plain: Buffer): Promise<Discovery> {
  return converse(subject, async ({ ask, end }) => {
    const questions = [
      { what: 'a ping', request: pingMessage(), expected: Buffer.alloc(walredoPageSizeBytes) },
      ...Array.from({ length: Math.min(requestsAsked, tape.index.length) }, (_, number) => ({
        what: `request ${String(number)} (${tape.nameOf(tape.index.at(number).key)})`,
        request: tape.readRequest(tape.index.at(number)),
        expected: plain.subarray(number * walredoPageSizeBytes, (number + 1) * walredoPageSizeBytes),
      })),
    ];
    for (const { what, request, expected } of questions) {
      const answer = await ask(request, expected.length);
      if (answer.length < expected.length) {
        return broken(
          'protocol-no-answer-in-step',
          `walredo does not answer ${what} while its input stays open: ${String(answer.length)} of ${String(expected.length)} bytes came within ${String(subject.answerTimeoutMs / 1000)} s; answers must be flushed one by one`,
        );
      }
      if (!answer.equals(expected))
        return broken('protocol-wrong-answer', `walredo answers ${what} otherwise when asked in step`);
    }
    const { ending } = await end();
    const endedWell = ending.kind === 'exited' && ending.exitCode === 0;
    return endedWell
      ? { findings: [], notes: [] }
      : broken('protocol-bad-end', `walredo does not exit with 0 when its input ends after answers in step`);
  });
}

function broken(
  code: 'protocol-no-answer-in-step' | 'protocol-wrong-answer' | 'protocol-bad-end',
  message: string,
): Discovery {
  return { findings: [{ code, message }], notes: [] };
}
