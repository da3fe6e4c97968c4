import { test } from '@japa/runner';

import { decodeRecord } from '../../harness/wal/decode.ts';
import { multiXactEffect, type MultiXactEffect } from '../../harness/wal/multixact.ts';
import { rawRecordFromBytes } from '../../harness/wal/raw-record.ts';
import { thrownBy } from '../support/thrown.ts';
import { buildRecord, u32, u64 } from './wal-builder.ts';

function effectOf(info: number, main: Buffer, rmgrId = 6): MultiXactEffect | undefined {
  const raw = rawRecordFromBytes(buildRecord({ rmgrId, info, main }), 0x2000);
  return multiXactEffect(raw, decodeRecord(raw, 17));
}

const created = Buffer.concat([u32(9), u32(40), u32(2), u32(700), u32(1), u32(701), u32(5)]);

test.group('multiXactEffect', () => {
  test('reads every kind, with page numbers of 32 and 64 bits', ({ assert }) => {
    assert.deepEqual(effectOf(0x00, u32(3)), { kind: 'zero-offsets-page', page: 3 });
    assert.deepEqual(effectOf(0x10, u64(4n)), { kind: 'zero-members-page', page: 4 });
    assert.deepEqual(effectOf(0x20, created), {
      kind: 'create',
      multi: 9,
      offset: 40,
      members: [
        { xid: 700, status: 1 },
        { xid: 701, status: 5 },
      ],
    });
    assert.deepEqual(effectOf(0x30, Buffer.concat([5, 1, 30, 0, 90].map(u32))), {
      kind: 'truncate',
      oldestMulti: 30,
      oldestMultiDb: 5,
    });
    assert.isUndefined(effectOf(0x20, created, 10));
  });

  test('members that do not fit are named', ({ assert }) => {
    for (let length = 0; length < created.length; length++) {
      const error = thrownBy(() => effectOf(0x20, created.subarray(0, length)));
      assert.equal(error.code, 'wal-corrupt-main-data');
    }
  });
});
