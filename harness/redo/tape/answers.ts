import { closeSync, openSync, readSync } from 'node:fs';

import { RedoubtError } from '../../error.ts';
import { walredoPageSizeBytes } from '../replay/message.ts';
import type { AnswerRun } from '../replay/replay.ts';

/** The pages of a replay, or of a tape's oracle, by request number; some may be missing. */
export class Answers implements Disposable {
  readonly #runs: readonly { readonly run: AnswerRun; readonly descriptor: number }[];

  constructor(runs: readonly AnswerRun[]) {
    this.#runs = runs
      .filter((run) => run.pages > 0)
      .map((run) => ({ run, descriptor: openSync(run.path, 'r') }));
  }

  /** How many requests from `request` on have their pages one behind the other, at most `most`; 0 if it has none. */
  stretch(request: number, most: number): number {
    const found = this.#find(request);
    return found === undefined ? 0 : Math.min(most, found.run.firstRequest + found.run.pages - request);
  }

  /**
   * Reads the pages of `count` requests, which must lie in one stretch, to the start of `target`.
   * @throws RedoubtError `answers-cut` when the file has become shorter.
   */
  read(request: number, count: number, target: Buffer): Buffer {
    const found = this.#find(request);
    const bytes = count * walredoPageSizeBytes;
    const position = (request - (found?.run.firstRequest ?? 0)) * walredoPageSizeBytes;
    if (found === undefined || readSync(found.descriptor, target, 0, bytes, position) !== bytes) {
      throw new RedoubtError(
        'infrastructure',
        'answers-cut',
        `no ${String(count)} pages from request ${String(request)} on in ${found?.run.path ?? 'any file'}`,
      );
    }
    return target.subarray(0, bytes);
  }

  /** One page, or undefined when the request has no answer. */
  page(request: number): Buffer | undefined {
    return this.#find(request) === undefined
      ? undefined
      : this.read(request, 1, Buffer.allocUnsafe(walredoPageSizeBytes));
  }

  [Symbol.dispose](): void {
    for (const { descriptor } of this.#runs) closeSync(descriptor);
  }

  #find(request: number): { readonly run: AnswerRun; readonly descriptor: number } | undefined {
    return this.#runs.find(
      ({ run }) => request >= run.firstRequest && request < run.firstRequest + run.pages,
    );
  }
}

/** What comparing two sets of answers came to. */
export interface AnswerComparison {
  /** Requests for which both sides had a page. */
  readonly compared: number;
  readonly different: readonly number[];
  readonly missing: readonly number[];
}

const chunkPages = 256;

/**
 * Compares two sets of answers, every byte of every page that `wanted` accepts; `comparePages` reports the positions of
 * unequal pages in two buffers of equal length.
 */
export function compareAnswers(
  expected: Answers,
  actual: Answers,
  requests: number,
  wanted: (request: number) => boolean,
  comparePages: (expected: Buffer, actual: Buffer, onDifference: (position: number) => void) => void,
): AnswerComparison {
  const different: number[] = [];
  const missing: number[] = [];
  const expectedBuffer = Buffer.allocUnsafe(chunkPages * walredoPageSizeBytes);
  const actualBuffer = Buffer.allocUnsafe(chunkPages * walredoPageSizeBytes);
  let compared = 0;
  for (let request = 0; request < requests;) {
    const count = Math.min(
      expected.stretch(request, chunkPages),
      actual.stretch(request, chunkPages),
      requests - request,
    );
    if (count === 0) {
      if (wanted(request)) missing.push(request);
      request++;
      continue;
    }
    const first = request;
    comparePages(
      expected.read(first, count, expectedBuffer),
      actual.read(first, count, actualBuffer),
      (position) => {
        if (wanted(first + position)) different.push(first + position);
      },
    );
    for (let number = first; number < first + count; number++) if (wanted(number)) compared++;
    request += count;
  }
  return { compared, different, missing };
}
