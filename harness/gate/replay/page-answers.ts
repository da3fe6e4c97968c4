import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { launchWalredo } from '../../bundle/launch-walredo.ts';
import type { Bundle } from '../../bundle/open.ts';
import type { Host } from '../../host/engine.ts';
import { temporaryDirectory } from '../../host/run-directory.ts';
import { Answers } from '../../redo/tape/answers.ts';
import type { AskPages } from '../../redo/request/page-steps.ts';
import { replay } from '../../redo/replay/replay.ts';
import { indexEntryBytes, TapeIndex, writeIndexEntry } from '../../redo/tape/tape-index.ts';

/** A bundle's walredo on a host. */
export interface AnsweringSide {
  readonly bundle: Bundle;
  readonly major: number;
  readonly host: Host;
  readonly answerTimeoutMs: number;
  /** How often a process that ends is started again for what is left of a question (default: 3). */
  readonly mostRestarts?: number;
}

const usualRestarts = 3;

/** One question, and who waits for its answer. */
interface Question {
  readonly requests: readonly Buffer[];
  readonly resolve: (pages: readonly (Buffer | undefined)[]) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Asks a bundle for pages, each by a request of its own. What is asked at one time goes to one process: starting it is what
 * takes long. One that fails is given up after a few restarts.
 */
export function pageAnswers(side: AnsweringSide): AskPages {
  let waiting: Question[] = [];
  const flush = async (): Promise<void> => {
    const questions = waiting;
    waiting = [];
    try {
      const pages = await answersTo(
        side,
        questions.flatMap(({ requests }) => requests),
      );
      let next = 0;
      for (const { requests, resolve } of questions) {
        resolve(pages.slice(next, next + requests.length));
        next += requests.length;
      }
    } catch (error) {
      for (const { reject } of questions) reject(error);
    }
  };
  return (requests) => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly (Buffer | undefined)[]>();
    if (waiting.length === 0) setImmediate(() => void flush());
    waiting.push({ requests, resolve, reject });
    return promise;
  };
}

async function answersTo(
  side: AnsweringSide,
  requests: readonly Buffer[],
): Promise<readonly (Buffer | undefined)[]> {
  if (requests.length === 0) return [];
  await using scratch = await temporaryDirectory('the steps of pages');
  const requestsPath = join(scratch.path, 'requests');
  await writeFile(requestsPath, requests);
  const inout = join(scratch.path, 'inout');
  const { runs } = await replay({
    host: side.host,
    launch: await launchWalredo(side.bundle, side.major, inout),
    requestsPath,
    index: indexOf(requests),
    directory: scratch.path,
    answerTimeoutMs: side.answerTimeoutMs,
    mostRestarts: side.mostRestarts ?? usualRestarts,
  });
  using answers = new Answers(runs);
  return requests.map((_, number) => answers.page(number));
}

/** Which page a request is about it says itself. */
const anyKey = { spcOid: 0, dbOid: 0, relNumber: 0, forkNumber: 0, blockNumber: 0 };

function indexOf(requests: readonly Buffer[]): TapeIndex {
  const bytes = Buffer.alloc(requests.length * indexEntryBytes);
  let offsetBytes = 0;
  for (const [number, request] of requests.entries()) {
    writeIndexEntry(bytes, number * indexEntryBytes, {
      key: anyKey,
      origin: 'base',
      oracle: 'none',
      records: 0,
      offsetBytes,
      lengthBytes: request.length,
      firstLsn: 0,
      lastLsn: 0,
    });
    offsetBytes += request.length;
  }
  return new TapeIndex(bytes, offsetBytes);
}
