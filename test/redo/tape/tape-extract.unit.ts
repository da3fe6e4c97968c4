import { join } from 'node:path';
import { test } from '@japa/runner';

import { temporaryDirectory, type TemporaryDirectory } from '../../../harness/host/run-directory.ts';
import { coveringRequests, extractTape } from '../../../harness/redo/tape/tape-extract.ts';
import { Tape } from '../../../harness/redo/tape/tape.ts';
import { thrownBy } from '../../support/thrown.ts';
import { makeTinyTape } from '../tiny-tape.ts';

test.group('extractTape', (group) => {
  let scratch: TemporaryDirectory;
  let tape: Tape;
  group.each.setup(async () => {
    scratch = await temporaryDirectory('a tape');
    makeTinyTape(join(scratch.path, 'tape'));
    tape = Tape.open(join(scratch.path, 'tape'));
    return async () => {
      await scratch[Symbol.asyncDispose]();
    };
  });

  test('takes requests with their pages and names', ({ assert }) => {
    const out = join(scratch.path, 'out');
    const wanted = [1, 3].map((number) => tape.index.at(number));
    extractTape(tape, wanted, out);
    const small = Tape.open(out);
    assert.lengthOf([...small.index], 2);
    for (const [position, request] of wanted.entries()) {
      const own = small.index.at(position);
      assert.deepEqual(own.key, request.key);
      assert.equal(own.oracle, request.oracle);
      assert.isTrue(small.readRequest(own).equals(tape.readRequest(request)));
      assert.isTrue(small.readOraclePage(own).equals(tape.readOraclePage(request)));
      assert.equal(small.nameOf(own.key), tape.nameOf(request.key));
    }
  });

  test('does not write into a folder that is there', ({ assert }) => {
    assert.equal(thrownBy(() => extractTape(tape, [], join(scratch.path, 'tape'))).code, 'write-failed');
  });

  test('samples every kind of record once, cheapest first, within its bounds', ({ assert }) => {
    const sample = coveringRequests(tape, 1_000_000);
    assert.deepEqual(
      sample.map(({ key }) => [key.forkNumber, key.blockNumber]),
      [
        [0, 0],
        [0, 1],
        [2, 0],
      ],
    );
    assert.lengthOf(coveringRequests(tape, 100), 0);
  });
});
