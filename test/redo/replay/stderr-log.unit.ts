import { Readable } from 'node:stream';

import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { StderrLog, type StderrWords } from '../../../harness/redo/replay/stderr-log.ts';

function follow(log: StderrLog, ...chunks: readonly string[]): Promise<StderrWords> {
  return log.follow(
    Readable.from(
      chunks.map((chunk) => Buffer.from(chunk)),
      { objectMode: false },
    ),
  );
}

test.group('StderrLog', () => {
  test('counts lines without LOG:, as a pageserver does, and not empty ones', async ({ assert }) => {
    const log = new StderrLog();
    const words = await follow(log, 'LOG:  fine\n\n  \nnot fine\n2026 LOG:  fine\nworse, without an end');
    assert.deepEqual(words.chatter, { lines: ['not fine', 'worse, without an end'], total: 2 });
    assert.isUndefined(log.chatter(), 'nothing counts before it is said whose it is');
    log.countChatter(words);
    log.countChatter(await follow(log, 'again\n'));
    assert.deepEqual(log.chatter(), {
      kind: 'chatter',
      lines: ['not fine', 'worse, without an end', 'again'],
      total: 3,
    });
  });

  test('is quiet when nothing was said', async ({ assert }) => {
    const log = new StderrLog();
    const words = await log.follow(null);
    assert.deepEqual(words, { text: '', chatter: { lines: [], total: 0 } });
    log.countChatter(words);
    assert.isUndefined(log.chatter());
  });

  test('sees the same lines however they arrive', async ({ assert }) => {
    const text = 'one\nLOG: two\nthree LOG\n\nsnö ☃ four\n';
    const expected = { lines: ['one', 'three LOG', 'snö ☃ four'], total: 3 };
    const bytes = Buffer.from(text);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length)), async (cuts) => {
        const places = [0, ...cuts.toSorted((left, right) => left - right), bytes.length];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        const { text: all, chatter } = await new StderrLog().follow(
          Readable.from(
            chunks.filter((chunk) => chunk.length > 0),
            { objectMode: false },
          ),
        );
        assert.equal(all, text);
        assert.deepEqual(chatter, expected);
      }),
      { numRuns: 40 },
    );
  });

  test('is not misled by more LOG: lines than it keeps, before or after chatter', async ({ assert }) => {
    const fine = `${'x'.repeat(990)} LOG: fine\n`.repeat(200);
    const only = await follow(new StderrLog(), fine, fine);
    assert.deepEqual(only.chatter, { lines: [], total: 0 });
    assert.lengthOf(only.text, 64 * 1024);
    const { chatter } = await follow(new StderrLog(), 'early\n', fine, 'late\n');
    assert.deepEqual(chatter, { lines: ['early', 'late'], total: 2 });
  });

  test('keeps twenty lines and counts them all, and keeps little of an endless one', async ({ assert }) => {
    const log = new StderrLog();
    log.countChatter(await follow(log, 'a\n'.repeat(15)));
    log.countChatter(await follow(log, 'b\n'.repeat(1000)));
    const chatter = log.chatter();
    assert.equal(chatter?.kind === 'chatter' ? chatter.lines.length : 0, 20);
    assert.equal(chatter?.kind === 'chatter' ? chatter.total : 0, 1015);
    const endless = await follow(new StderrLog(), ...Array.from({ length: 40 }, () => 'z'.repeat(10_000)));
    assert.equal(endless.chatter.total, 1);
    assert.isAtMost(endless.chatter.lines[0]?.length ?? 0, 64 * 1024);
  });
});
