import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { RedoubtError } from '../../../harness/error.ts';
import { TapeIndex, writeIndexEntry, type TapeRequest } from '../../../harness/redo/tape/tape-index.ts';
import { thrownBy } from '../../support/thrown.ts';

interface Entry {
  readonly key: readonly [number, number, number, number];
  readonly fork: number;
  readonly origin: number;
  readonly oracle: number;
  readonly records: number;
  readonly offset: number;
  readonly length: number;
  readonly firstLsn: number;
  readonly lastLsn: number;
}

const sound: Entry = {
  key: [1663, 5, 16385, 7],
  fork: 0,
  origin: 0,
  oracle: 1,
  records: 3,
  offset: 0,
  length: 100,
  firstLsn: 0x1_0000_0010,
  lastLsn: 0x1_0000_0f00,
};

/** An entry byte by byte as tape-index.ts documents it. */
function entry(change: Partial<Entry> = {}): Buffer {
  const spec = { ...sound, ...change };
  const bytes = Buffer.alloc(56);
  spec.key.forEach((word, index) => bytes.writeUInt32LE(word, 4 * index));
  bytes.set([spec.fork, spec.origin, spec.oracle, 0], 16);
  bytes.writeUInt32LE(spec.records, 20);
  [spec.offset, spec.length, spec.firstLsn, spec.lastLsn].forEach((value, index) =>
    bytes.writeBigUInt64LE(BigInt(value), 24 + 8 * index),
  );
  return bytes;
}

function indexOf(requestsBytes: number, ...entries: readonly Buffer[]): TapeIndex {
  return new TapeIndex(Buffer.concat(entries), requestsBytes);
}

test.group('TapeIndex', () => {
  test('gives back what lies in it', ({ assert }) => {
    const index = indexOf(
      250,
      entry(),
      entry({ key: [1, 2, 3, 4], fork: 2, origin: 2, oracle: 0, offset: 100, length: 150 }),
    );
    assert.equal(index.length, 2);
    assert.deepEqual(index.at(0), {
      number: 0,
      key: { spcOid: 1663, dbOid: 5, relNumber: 16385, forkNumber: 0, blockNumber: 7 },
      origin: 'base',
      oracle: 'recovery',
      records: 3,
      offsetBytes: 0,
      lengthBytes: 100,
      firstLsn: 0x1_0000_0010,
      lastLsn: 0x1_0000_0f00,
    });
    assert.equal(index.at(1).origin, 'zero');
    assert.deepEqual(
      [...index].map(({ number, oracle }) => [number, oracle]),
      [
        [0, 'recovery'],
        [1, 'none'],
      ],
    );
    assert.deepEqual([index.oracle(0), index.oracle(1)], ['recovery', 'none']);
  });

  test('may be empty', ({ assert }) => {
    assert.equal(indexOf(0).length, 0);
    assert.equal(thrownBy(() => indexOf(1)).code, 'tape-index-invalid');
  });

  test('refuses gaps, overlaps, a wrong end, odd lengths, unknown origins and flags', ({ assert }) => {
    const wrong = [
      [
        () => indexOf(250, entry(), entry({ offset: 101, length: 149 })),
        /request 1 begins at 101, not at 100/,
      ],
      [() => indexOf(250, entry(), entry({ offset: 99, length: 151 })), /request 1 begins at 99/],
      [() => indexOf(100, entry({ offset: 8 })), /request 0 begins at 8, not at 0/],
      [() => indexOf(101, entry()), /end at byte 100, the requests file at 101/],
      [() => indexOf(99, entry()), /end at byte 100, the requests file at 99/],
      [() => indexOf(100, entry(), Buffer.alloc(1)), /57 bytes are not a multiple of 56/],
      [() => indexOf(100, entry({ origin: 3 })), /unknown origin/],
      [() => indexOf(100, entry({ oracle: 99 })), /flags that mean nothing/],
      [() => indexOf(100, entry({ length: 2 ** 53 })), /beyond 2\^53/],
      [() => indexOf(100, entry()).at(1), /no request 1/],
      [() => indexOf(100, entry()).at(-1), /no request -1/],
    ] as const;
    for (const [action, words] of wrong) {
      const error = thrownBy(action);
      assert.equal(error.code, 'tape-index-invalid');
      assert.match(error.message, words);
    }
  });

  test('is written as it is read', ({ assert }) => {
    const oid = fc.nat(0xffff_ffff);
    const request = fc.record({
      key: fc.record({
        spcOid: oid,
        dbOid: oid,
        relNumber: oid,
        forkNumber: fc.nat(3),
        blockNumber: oid,
      }),
      origin: fc.constantFrom('base' as const, 'initialised' as const, 'zero' as const),
      oracle: fc.constantFrom('none' as const, 'recovery' as const, 'model' as const, 'image' as const),
      records: oid,
      lengthBytes: fc.nat(2 ** 40),
      firstLsn: fc.maxSafeNat(),
      lastLsn: fc.maxSafeNat(),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 8 }), (requests) => {
        const bytes = Buffer.alloc(56 * requests.length, 0xff);
        let offsetBytes = 0;
        const expected = requests.map((one, number): TapeRequest => {
          const whole = { number, ...one, offsetBytes };
          writeIndexEntry(bytes, 56 * number, whole);
          offsetBytes += one.lengthBytes;
          return whole;
        });
        assert.deepEqual([...new TapeIndex(bytes, offsetBytes)], expected);
      }),
    );
  });

  test('with any byte changed is read or refused, and nothing else', ({ assert }) => {
    const bytes = Buffer.concat([entry(), entry({ offset: 100, length: 150 })]);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = value;
        try {
          assert.lengthOf([...new TapeIndex(damaged, 250)], 2);
        } catch (error) {
          assert.instanceOf(error, RedoubtError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
