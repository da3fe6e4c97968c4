import { once } from 'node:events';

import type { ProcessResult, RunningProcess } from '../host/engine.ts';
import { within } from '../host/within.ts';
import { prepare, walredo, withScratch, type Variety } from './probe.ts';
import type { Subject } from './subject.ts';

/** A walredo process that is spoken to message by message, its input staying open. */
export interface Conversation {
  readonly process: RunningProcess;
  /**
   * Sends bytes and waits for as many bytes of answer; fewer when the process ended or nothing came in time. Throws what
   * its result throws where it ended.
   */
  readonly ask: (request: Buffer, answerBytes: number) => Promise<Buffer>;
  /** Ends the input and waits for the end. */
  readonly end: () => Promise<ProcessResult>;
}

/** Starts walredo with pipes for `body` to talk to; it is ended when the body is done. */
export function converse<T>(
  subject: Subject,
  body: (conversation: Conversation) => Promise<T>,
  variety: Variety = {},
): Promise<T> {
  return withScratch(subject, async (directory) => {
    const spec = await prepare(subject, walredo, directory, variety);
    await using process = await subject.host.start({ ...spec, stdin: { kind: 'pipe' } });
    // Nobody reads what it says, and it must not block on that.
    process.stderr?.resume();
    const answers = new Answers(process, subject.answerTimeoutMs);
    return await body({
      process,
      ask: (request, answerBytes) => {
        process.stdin?.write(request);
        return answers.take(answerBytes);
      },
      end: () => {
        process.stdin?.end();
        return process.result;
      },
    });
  });
}

/** What comes out of a process, taken in pieces. */
class Answers {
  readonly #process: RunningProcess;
  readonly #timeoutMs: number;
  #held = Buffer.alloc(0);
  #isOver = false;

  constructor(process: RunningProcess, timeoutMs: number) {
    this.#process = process;
    this.#timeoutMs = timeoutMs;
    process.stdout?.on('data', (chunk: Buffer) => {
      this.#held = Buffer.concat([this.#held, chunk]);
    });
    process.stdout?.once('end', () => {
      this.#isOver = true;
    });
  }

  async take(bytes: number): Promise<Buffer> {
    const { stdout } = this.#process;
    const patience = AbortSignal.timeout(this.#timeoutMs);
    if (stdout === null) return Buffer.alloc(0);
    while (this.#held.length < bytes && !this.#isOver && !patience.aborted) {
      const settled = new AbortController();
      const signal = AbortSignal.any([patience, settled.signal]);
      const more = once(stdout, 'data', { signal }).catch(() => {});
      const over = once(stdout, 'end', { signal }).catch(() => {});
      await Promise.race([more, over]);
      settled.abort();
    }
    // One that closes its output and goes on is as silent as one that ends; one that was killed from outside is neither.
    if (this.#held.length < bytes && this.#isOver) await within(this.#process.result, this.#timeoutMs);
    const taken = this.#held.subarray(0, bytes);
    this.#held = this.#held.subarray(taken.length);
    return taken;
  }
}
