import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { RedoubtError } from '../../../harness/error.ts';
import {
  messageBytes,
  messageWriter,
  readMessage,
  type Message,
} from '../../../harness/redo/replay/message.ts';
import type { PageKey } from '../../../harness/redo/page-key.ts';
import { thrownBy } from '../../support/thrown.ts';

/** A frame as the protocol writes it, made without any code of harness/redo. */
function frame(tag: string, payload: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(4 + payload.length);
  return Buffer.concat([Buffer.from(tag, 'ascii'), length, payload]);
}

function words(...values: readonly number[]): Buffer {
  return Buffer.concat(
    values.map((value) => {
      const word = Buffer.alloc(4);
      word.writeUInt32BE(value);
      return word;
    }),
  );
}

function tagOf({ forkNumber, spcOid, dbOid, relNumber, blockNumber }: PageKey): Buffer {
  return Buffer.concat([Buffer.of(forkNumber), words(spcOid, dbOid, relNumber, blockNumber)]);
}

const key: PageKey = { spcOid: 1663, dbOid: 5, relNumber: 0xfedc_ba98, forkNumber: 2, blockNumber: 0x0102 };
const page = Buffer.from(Array.from({ length: 8192 }, (_, index) => index & 0xff));
const record = Buffer.from('a record, or what passes for one');
const endLsn = 0x12_3456_7890;

const frames: Readonly<Record<Message['kind'], Buffer>> = {
  begin: frame('B', tagOf(key)),
  push: frame('P', Buffer.concat([tagOf(key), page])),
  apply: frame('A', Buffer.concat([words(0x12, 0x3456_7890), record])),
  get: frame('G', tagOf(key)),
  ping: frame('H', Buffer.alloc(0)),
};

const messages: Readonly<Record<Message['kind'], Message>> = {
  begin: { kind: 'begin', key },
  push: { kind: 'push', key, page },
  apply: { kind: 'apply', endLsn, record },
  get: { kind: 'get', key },
  ping: { kind: 'ping' },
};

const kinds = ['begin', 'push', 'apply', 'get', 'ping'] as const;

/** Any message with its bytes, from the independent builder. */
const anyFrame = fc
  .tuple(
    fc.constantFrom(...kinds),
    fc.record({
      spcOid: fc.nat(0xffff_ffff),
      dbOid: fc.nat(0xffff_ffff),
      relNumber: fc.nat(0xffff_ffff),
      forkNumber: fc.nat(255),
      blockNumber: fc.nat(0xffff_ffff),
    }),
    fc.uint8Array({ maxLength: 300 }),
    fc.maxSafeNat(),
  )
  .map(([kind, someKey, bytes, lsn]): { readonly bytes: Buffer; readonly message: Message } => {
    const someRecord = Buffer.from(bytes);
    switch (kind) {
      case 'begin':
        return { bytes: frame('B', tagOf(someKey)), message: { kind, key: someKey } };
      case 'get':
        return { bytes: frame('G', tagOf(someKey)), message: { kind, key: someKey } };
      case 'push':
        return {
          bytes: frame('P', Buffer.concat([tagOf(someKey), page])),
          message: { kind, key: someKey, page },
        };
      case 'ping':
        return { bytes: frame('H', Buffer.alloc(0)), message: { kind } };
      case 'apply':
        return {
          bytes: frame('A', Buffer.concat([words(Math.floor(lsn / 2 ** 32), lsn % 2 ** 32), someRecord])),
          message: { kind, endLsn: lsn, record: someRecord },
        };
    }
  });

test.group('walredo messages', () => {
  test('are read as the protocol writes them, at any offset', ({ assert }) => {
    for (const kind of kinds) {
      const bytes = Buffer.concat([Buffer.alloc(3, 0xff), frames[kind], Buffer.alloc(2, 0xee)]);
      const { message, nextOffset } = readMessage(bytes, 3);
      assert.deepEqual(message, messages[kind]);
      assert.equal(nextOffset, 3 + frames[kind].length);
    }
  });

  test('are written as the protocol has them, and say how long they are', ({ assert }) => {
    const target = Buffer.alloc(20_000, 0xcc);
    const ends = {
      begin: messageWriter.begin(target, 7, key),
      push: messageWriter.push(target, 1000, key, page),
      apply: messageWriter.apply(target, 10_000, endLsn, record),
      get: messageWriter.get(target, 11_000, key),
      ping: messageWriter.ping(target, 12_000),
    };
    const starts = { begin: 7, push: 1000, apply: 10_000, get: 11_000, ping: 12_000 };
    for (const kind of kinds) {
      assert.isTrue(target.subarray(starts[kind], ends[kind]).equals(frames[kind]), kind);
      assert.equal(target[ends[kind]], 0xcc, `${kind} writes nothing behind itself`);
    }
    assert.equal(messageBytes.begin, frames.begin.length);
    assert.equal(messageBytes.push, frames.push.length);
    assert.equal(messageBytes.get, frames.get.length);
    assert.equal(messageBytes.ping, frames.ping.length);
    assert.equal(messageBytes.apply(record.length), frames.apply.length);
  });

  test('take a record out of the middle of a buffer', ({ assert }) => {
    const target = Buffer.alloc(frames.apply.length);
    const around = Buffer.concat([Buffer.alloc(9, 1), record, Buffer.alloc(9, 2)]);
    messageWriter.apply(target, 0, endLsn, around, 9, 9 + record.length);
    assert.isTrue(target.equals(frames.apply));
  });

  test('come back from a stream of any of them', ({ assert }) => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 12 }), (sequence) => {
        const bytes = Buffer.concat(sequence.map((one) => one.bytes));
        let offset = 0;
        for (const { message: expected } of sequence) {
          const { message, nextOffset } = readMessage(bytes, offset);
          assert.deepEqual(message, expected);
          offset = nextOffset;
        }
        assert.equal(offset, bytes.length);
      }),
      { numRuns: 60 },
    );
  });

  test('cut at every offset are refused, naming the offset', ({ assert }) => {
    for (const kind of kinds) {
      for (let length = 0; length < frames[kind].length; length++) {
        const error = thrownBy(() => readMessage(frames[kind].subarray(0, length), 0));
        assert.equal(error.code, 'walredo-message-invalid');
        assert.equal(error.details['offset'], 0);
      }
    }
  });

  test('of an unknown tag, an impossible length or an LSN beyond 2^53 are refused', ({ assert }) => {
    const wrong = [
      [frame('X', tagOf(key)), /unknown tag 0x58/],
      [frame('B', Buffer.concat([tagOf(key), Buffer.of(0)])), /length 22 is not possible for 'B'/],
      [frame('P', tagOf(key)), /length 21 is not possible for 'P'/],
      [frame('H', Buffer.of(1)), /length 5 is not possible for 'H'/],
      [frame('A', words(1)), /length 8 is not possible for 'A'/],
      [Buffer.from('A\0\0\0\0', 'latin1'), /length 0 is not possible/],
      [frame('A', words(0x20_0000, 0)), /LSN is beyond 2\^53/],
    ] as const;
    for (const [bytes, words] of wrong) {
      const error = thrownBy(() => readMessage(bytes, 0));
      assert.equal(error.code, 'walredo-message-invalid');
      assert.match(error.message, words);
    }
  });

  test('with any bytes changed are read or refused, and nothing else', ({ assert }) => {
    const changes = fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(anyFrame, changes, ({ bytes }, edits) => {
        const damaged = Buffer.from(bytes);
        for (const [at, value] of edits) if (at < damaged.length) damaged[at] = value;
        try {
          const { nextOffset } = readMessage(damaged, 0);
          assert.isAtMost(nextOffset, damaged.length);
          assert.isAbove(nextOffset, 0);
        } catch (error) {
          assert.instanceOf(error, RedoubtError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
