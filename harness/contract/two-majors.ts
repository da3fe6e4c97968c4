import { versionWord } from '../bundle/launch.ts';
import { walredoPageSizeBytes } from '../redo/replay/message.ts';
import type { Tape } from '../redo/tape/tape.ts';
import { converse, type Conversation } from './answers-in-step.ts';
import { pingMessage } from './in-step.ts';
import type { Discovery, Subject } from './subject.ts';

/** One of the majors that run at once, with its tape and its answers when it runs alone. */
export interface Contender {
  readonly subject: Subject;
  readonly tape: Tape;
  readonly plain: Buffer;
}

const requestsAsked = 8;

/** Whether walredo processes of two majors, started from one bundle and alive at once, answer as each does alone. */
export function judgeTwoMajors(one: Contender, other: Contender): Promise<Discovery> {
  return converse(one.subject, (first) =>
    converse(other.subject, async (second) => {
      const pairs = [
        { contender: one, conversation: first, beside: other },
        { contender: other, conversation: second, beside: one },
      ];
      for (let turn = -1; turn < requestsAsked; turn++) {
        for (const { contender, conversation, beside } of pairs) {
          const words = await askOnce(contender, conversation, turn);
          if (words === undefined) continue;
          const [own, others] = [contender, beside].map(({ subject }) => versionWord(subject.major));
          return {
            findings: [
              {
                code: 'majors-disturb-each-other' as const,
                message: `while walredo of ${String(others)} runs, that of ${String(own)} ${words}`,
              },
            ],
            notes: [],
          };
        }
      }
      return { findings: [], notes: [] };
    }),
  );
}

/** Asks a ping (turn -1) or a request; returns what is wrong with the answer. */
async function askOnce(
  { tape, plain }: Contender,
  { ask }: Conversation,
  turn: number,
): Promise<string | undefined> {
  if (turn >= tape.index.length) return undefined;
  const expected =
    turn < 0
      ? Buffer.alloc(walredoPageSizeBytes)
      : plain.subarray(turn * walredoPageSizeBytes, (turn + 1) * walredoPageSizeBytes);
  const what = turn < 0 ? 'a ping' : `request ${String(turn)} (${tape.nameOf(tape.index.at(turn).key)})`;
  const answer = await ask(turn < 0 ? pingMessage() : tape.readRequest(tape.index.at(turn)), expected.length);
  if (answer.length < expected.length) return `does not answer ${what}`;
  return answer.equals(expected) ? undefined : `answers ${what} otherwise than alone`;
}
