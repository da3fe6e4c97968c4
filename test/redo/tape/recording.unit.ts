import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@japa/runner';

import { temporaryDirectory, type TemporaryDirectory } from '../../../harness/host/run-directory.ts';
import { messageBytes, messageWriter, readMessage } from '../../../harness/redo/replay/message.ts';
import { majorsOfRecording, tapeOfRecording } from '../../../harness/redo/tape/recording.ts';
import { Tape } from '../../../harness/redo/tape/tape.ts';
import { thrownBy } from '../../support/thrown.ts';
import { keyOf, makeTinyTape } from '../tiny-tape.ts';

/** Two requests, of one record each. */
function smallRecording(): Buffer {
  const tape = Tape.open(join(import.meta.dirname, '../../../corpora/tapes/pg17'));
  const requests = [...tape.index]
    .filter(({ records, origin }) => records === 1 && origin !== 'base')
    .map((request) => tape.readRequest(request))
    .toSorted((one, other) => one.length - other.length);
  const [request] = requests;
  if (request === undefined) throw new Error('the tape has no small request');
  return Buffer.concat([request, request]);
}

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

  test('cut anywhere is refused with its name and the byte, or holds fewer requests', ({ assert }) => {
    const small = smallRecording();
    const whole = new Set([small.length / 2]);
    for (let bytes = small.length - 1; bytes >= 0; bytes--) {
      writeFileSync(recording, small.subarray(0, bytes));
      const make = () => tapeOfRecording(recording, 17, `${out}-${String(bytes)}`);
      if (whole.has(bytes)) {
        assert.equal(make().counts.requests, 1);
        continue;
      }
      const { code, message } = thrownBy(make);
      assert.include(['walredo-message-invalid', 'recording-incomplete'], code);
      assert.include(message, recording);
      const offset = Number(/byte (\d+)/.exec(message)?.[1]);
      assert.isAtMost(offset, bytes);
    }
  });

  test('cut in a real one is refused, too', ({ assert }) => {
    const whole = readFileSync(recording).length;
    for (let bytes = whole - 1; bytes > 0; bytes -= 997) {
      truncateSync(recording, bytes);
      const error = thrownBy(() => tapeOfRecording(recording, 17, `${out}-${String(bytes)}`));
      assert.include(['walredo-message-invalid', 'recording-incomplete'], error.code);
    }
  });

  test('of another major is refused, with the first record that tells, and the majors that it may be of', ({
    assert,
  }) => {
    const real = join(import.meta.dirname, '../../../corpora/tapes/pg15/requests');
    assert.deepEqual(majorsOfRecording(real), [15]);
    const { code, message, remedy } = thrownBy(() => tapeOfRecording(real, 17, out));
    assert.equal(code, 'recording-major');
    const offset = Number(/byte (\d+): PostgreSQL 17 writes no such record/.exec(message)?.[1]);
    const { message: first } = readMessage(readFileSync(real), offset);
    assert.equal(first.kind, 'apply');
    assert.match(message, /those of the recording are of 15$/);
    assert.include(remedy ?? '', '--pg 15');
  });

  test('with a record that no major writes is taken as it is: it may be what is looked for', ({ assert }) => {
    const damaged = smallRecording();
    // xl_rmid of the first record.
    damaged.writeUInt8(99, messageBytes.begin + 5 + 8 + 17);
    writeFileSync(recording, damaged);
    assert.equal(tapeOfRecording(recording, 17, out).counts.requests, 2);
    assert.deepEqual(majorsOfRecording(recording), []);
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
