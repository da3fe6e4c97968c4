import { test } from '@japa/runner';

import { decodeRecord } from '../../harness/wal/decode.ts';
import { rawRecordFromBytes } from '../../harness/wal/raw-record.ts';
import { transactionEnd, type TransactionEnd } from '../../harness/wal/transaction-end.ts';
import { thrownBy } from '../support/thrown.ts';
import { buildRecord, u32, u64 } from './wal-builder.ts';

const xid = 700;

function endOf(info: number, main: Buffer, major = 17, rmgrId = 1): TransactionEnd | undefined {
  const raw = rawRecordFromBytes(buildRecord({ rmgrId, info, xid, main }), 0x2000);
  return transactionEnd(raw, decodeRecord(raw, major), major);
}

/** Time, xinfo, and the parts that xinfo announces, in their order. */
function ending(xinfo: number, ...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([u64(7n), u32(xinfo), ...parts]);
}

const dbInfo = Buffer.concat([u32(5), u32(1663)]);
const subxacts = Buffer.concat([u32(2), u32(701), u32(702)]);
const relations = Buffer.concat([u32(1), u32(1663), u32(5), u32(16_384)]);
const invalidations = Buffer.concat([u32(2), Buffer.alloc(32, 9)]);
const twoPhase = u32(650);

/** Dropped statistics: two items, which 18 made longer. */
function stats(major: number): Buffer {
  return Buffer.concat([u32(2), Buffer.alloc(2 * (major >= 18 ? 16 : 12), 9)]);
}

test.group('transactionEnd', () => {
  test('a transaction ends with its subtransactions', ({ assert }) => {
    assert.deepEqual(endOf(0x00, u64(7n)), { kind: 'committed', xids: [xid], prepared: false });
    assert.deepEqual(endOf(0x20, u64(7n)), { kind: 'aborted', xids: [xid], prepared: false });
    assert.deepEqual(endOf(0x80, ending(0x02, subxacts)), {
      kind: 'committed',
      xids: [xid, 701, 702],
      prepared: false,
    });
    assert.deepEqual(endOf(0xa0, ending(0x03, dbInfo, subxacts)), {
      kind: 'aborted',
      xids: [xid, 701, 702],
      prepared: false,
    });
  });

  for (const major of [14, 15, 17, 18]) {
    test(`one that was prepared is named behind all else in ${String(major)}`, ({ assert }) => {
      const some = major >= 15 ? [stats(major)] : [];
      const bits = 0x1f | (major >= 15 ? 0x100 : 0);
      assert.deepEqual(
        endOf(0xb0, ending(bits, dbInfo, subxacts, relations, ...some, invalidations, twoPhase), major),
        { kind: 'committed', xids: [650, 701, 702], prepared: true },
      );
      assert.deepEqual(
        endOf(0xc0, ending(bits & ~0x08, dbInfo, subxacts, relations, ...some, twoPhase), major),
        { kind: 'aborted', xids: [650, 701, 702], prepared: true },
      );
    });
  }

  test('a prepared one has not ended yet; other records end none', ({ assert }) => {
    assert.deepEqual(endOf(0x10, Buffer.alloc(64)), { kind: 'prepared', xid });
    assert.isUndefined(endOf(0x50, Buffer.alloc(64)));
    assert.isUndefined(endOf(0x00, Buffer.alloc(64), 17, 10));
  });

  test('what is cut short is named', ({ assert }) => {
    const whole = ending(0x116, subxacts, relations, stats(17), twoPhase);
    for (let length = 0; length < whole.length; length++) {
      const error = thrownBy(() => endOf(0xb0, whole.subarray(0, length)));
      assert.equal(error.code, 'wal-corrupt-main-data', `${String(length)} bytes`);
    }
  });
});
