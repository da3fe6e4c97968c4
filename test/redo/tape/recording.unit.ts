import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@japa/runner';

import { temporaryDirectory, type TemporaryDirectory } from '../../../harness/host/run-directory.ts';
import { messageBytes, messageWriter } from '../../../harness/redo/replay/message.ts';
import { tapeOfRecording } from '../../../harness/redo/tape/recording.ts';
import { Tape } from '../../../harness/redo/tape/tape.ts';
import { thrownBy } from '../../support/thrown.ts';
import { keyOf, makeTinyTape } from '../tiny-tape.ts';

test.group('tapeOfRecording', (group) => {
  let scratch: TemporaryDirectory;
  let recording: string;
  let out: string;
  group.each.setup(async () => {
    scratch = await temporaryDirectory('a recording');
    makeTinyTape(join(scratch.path, 'tape'));
    recording = join(scratch.path, 'one.walredo');
    copyFileSync(join(scratch.path, 'tape/requests'), recording);
    out = join(scratch.path, 'out');
    return async () => {
      await scratch[Symbol.asyncDispose]();
    };
  });

  test('finds the requests that were written', ({ assert }) => {
    const tape = Tape.open(join(scratch.path, 'tape'));
    const manifest = tapeOfRecording(recording, 17, out);
    const made = Tape.open(out);
    assert.equal(manifest.flavour, 'vanilla');
    assert.equal(manifest.counts.judged, 0);
    assert.deepEqual(
      [...made.index].map(({ key, records, offsetBytes, lengthBytes, lastLsn, oracle }) => [
        key,
        records,
        offsetBytes,
        lengthBytes,
        lastLsn,
        oracle,
      ]),
      [...tape.index].map(({ key, records, offsetBytes, lengthBytes, lastLsn }) => [
        key,
        records,
        offsetBytes,
        lengthBytes,
        lastLsn,
        'none',
      ]),
    );
    assert.isTrue(readFileSync(made.requestsPath).equals(readFileSync(recording)));
  });

  test('cut anywhere is refused, or holds fewer requests', ({ assert }) => {
    const whole = readFileSync(recording).length;
    for (let bytes = whole - 1; bytes > 0; bytes -= 997) {
      truncateSync(recording, bytes);
      const error = thrownBy(() => tapeOfRecording(recording, 17, `${out}-${String(bytes)}`));
      assert.include(['walredo-message-invalid', 'recording-incomplete'], error.code);
    }
  });

  test('refuses what is no recording, saying where', ({ assert }) => {
    const ping = Buffer.alloc(messageBytes.ping);
    messageWriter.ping(ping, 0);
    const get = Buffer.alloc(messageBytes.get);
    messageWriter.get(get, 0, keyOf(3));
    for (const [bytes, code, words] of [
      [Buffer.alloc(0), 'recording-incomplete', /byte 0: it holds no request/],
      [Buffer.from('no recording'), 'walredo-message-invalid', /byte 0: unknown tag 0x6e/],
      [ping, 'recording-incomplete', /a ping stands among its requests/],
      [get, 'recording-incomplete', /main block 3 is asked for without a beginning/],
    ] as const) {
      writeFileSync(recording, bytes);
      const error = thrownBy(() => tapeOfRecording(recording, 17, out));
      assert.equal(error.code, code);
      assert.match(error.message, words);
    }
    assert.equal(
      thrownBy(() => tapeOfRecording(join(scratch.path, 'none'), 17, out)).code,
      'recording-unreadable',
    );
  });
});
