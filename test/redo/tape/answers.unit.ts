import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { temporaryDirectory, type TemporaryDirectory } from '../../../harness/host/run-directory.ts';
import { Answers, compareAnswers } from '../../../harness/redo/tape/answers.ts';
import type { AnswerRun } from '../../../harness/redo/replay/replay.ts';
import { comparePages } from '../../../harness/page/compare.ts';
import { thrownBy } from '../../support/thrown.ts';

const pageSizeBytes = 8192;

/** Answers to requests 0 and on: a mark for each, undefined where there is none. */
type Marks = readonly (number | undefined)[];

function every(): boolean {
  return true;
}

test.group('Answers', (group) => {
  let scratch: TemporaryDirectory;
  let files = 0;
  group.each.setup(async () => {
    scratch = await temporaryDirectory('answers');
    return async () => {
      await scratch[Symbol.asyncDispose]();
    };
  });

  /** Puts answers into files as a replay does: one run for each stretch without a gap, none of them empty. */
  function runsOf(marks: Marks): readonly AnswerRun[] {
    const runs: AnswerRun[] = [];
    for (let first = 0; first < marks.length;) {
      let pages = 0;
      while (marks[first + pages] !== undefined) pages++;
      if (pages > 0) {
        const path = join(scratch.path, String(files++));
        const bytes = marks.slice(first, first + pages).map((mark) => Buffer.alloc(pageSizeBytes, mark));
        writeFileSync(path, Buffer.concat(bytes));
        runs.push({ firstRequest: first, pages, path });
      }
      first += Math.max(pages, 1);
    }
    return runs;
  }

  test('give each request its page, and none where a process left a gap', ({ assert }) => {
    using answers = new Answers(runsOf([1, 2, undefined, 4, 5, 6, undefined]));
    assert.deepEqual(
      [0, 1, 2, 3, 5, 6, 7].map((request) => answers.page(request)?.[0]),
      [1, 2, undefined, 4, 6, undefined, undefined],
    );
    assert.deepEqual(
      [0, 1, 2, 3, 6].map((request) => answers.stretch(request, 2)),
      [2, 1, 0, 2, 0],
    );
    const target = Buffer.alloc(3 * pageSizeBytes);
    assert.deepEqual(
      [...answers.read(3, 3, target)].filter((_, at) => at % pageSizeBytes === 0),
      [4, 5, 6],
    );
  });

  test('leave out runs in which nothing was answered, whose file may not exist', ({ assert }) => {
    using answers = new Answers([{ firstRequest: 0, pages: 0, path: join(scratch.path, 'absent') }]);
    assert.equal(answers.stretch(0, 9), 0);
  });

  test('notice a file that became shorter, and a stretch that is none', ({ assert }) => {
    const [run] = runsOf([1, 2, 3]);
    assert.isDefined(run);
    if (run === undefined) return;
    using answers = new Answers([run]);
    const target = Buffer.alloc(9 * pageSizeBytes);
    truncateSync(run.path, 2 * pageSizeBytes + 5);
    assert.equal(thrownBy(() => answers.read(2, 1, target)).code, 'answers-cut');
    assert.equal(thrownBy(() => answers.read(1, 2, target)).code, 'answers-cut');
    assert.equal(thrownBy(() => answers.read(7, 1, target)).code, 'answers-cut');
  });

  test('are compared request by request, whatever the gaps', ({ assert }) => {
    const marks = fc.array(fc.option(fc.nat(2), { nil: undefined }), { maxLength: 20 });
    fc.assert(
      fc.property(marks, marks, fc.nat(20), fc.func(fc.boolean()), (left, right, requests, wanted) => {
        using expected = new Answers(runsOf(left));
        using actual = new Answers(runsOf(right));
        const comparison = compareAnswers(expected, actual, requests, wanted, comparePages);
        const numbers = Array.from({ length: requests }, (_, number) => number).filter((number) =>
          wanted(number),
        );
        const answered = numbers.filter(
          (number) => left[number] !== undefined && right[number] !== undefined,
        );
        assert.deepEqual(comparison, {
          compared: answered.length,
          different: answered.filter((number) => left[number] !== right[number]),
          missing: numbers.filter((number) => !answered.includes(number)),
        });
      }),
      { numRuns: 60 },
    );
  });

  test('are compared across more pages than are read at a time', ({ assert }) => {
    const left = Array.from({ length: 700 }, (_, number) => number % 256);
    const right = left.map((mark, number) =>
      [0, 255, 256, 511, 512, 699].includes(number) ? mark ^ 1 : mark,
    );
    using expected = new Answers(runsOf(left));
    using actual = new Answers(runsOf(right));
    const { compared, different, missing } = compareAnswers(expected, actual, 700, every, comparePages);
    assert.deepEqual([compared, different, missing], [700, [0, 255, 256, 511, 512, 699], []]);
  });

  test('differ by one bit of the last byte', ({ assert }) => {
    const [run] = runsOf([7, 7]);
    const path = join(scratch.path, 'other');
    const bytes = Buffer.alloc(2 * pageSizeBytes, 7);
    bytes[bytes.length - 1] = 6;
    writeFileSync(path, bytes);
    using expected = new Answers(run === undefined ? [] : [run]);
    using actual = new Answers([{ firstRequest: 0, pages: 2, path }]);
    assert.deepEqual(compareAnswers(expected, actual, 2, every, comparePages).different, [1]);
  });
});
