import { test } from '@japa/runner';

import { flavourOf } from '../../harness/wal/flavour.ts';
import type { DecodedRecord } from '../../harness/wal/decoded-record.ts';

function record(rmgrId: number, info: number, mainDataLength: number): DecodedRecord {
  return {
    rmgrId,
    info,
    xid: 700,
    prevLsn: 0,
    blocks: [],
    mainDataOffset: 24,
    mainDataLength,
    topXid: undefined,
    originId: undefined,
  };
}

test.group('flavourOf', () => {
  test('knows heap records by their length', ({ assert }) => {
    for (const [info, vanilla, neon] of [
      [0x10, 8, 14],
      [0x20, 14, 18],
      [0x40, 14, 18],
      [0x60, 8, 14],
      [0x90, 8, 14],
    ] as const) {
      assert.equal(flavourOf(record(10, info, vanilla)), 'vanilla');
      assert.equal(flavourOf(record(10, info, neon)), 'neon');
    }
  });

  test("knows Neon's own resource manager", ({ assert }) => {
    assert.equal(flavourOf(record(134, 0, 3)), 'neon');
  });

  test('does not judge by records that are alike, or that carry an old tuple', ({ assert }) => {
    assert.isUndefined(flavourOf(record(10, 0x00, 3)));
    assert.isUndefined(flavourOf(record(10, 0x20, 14 + 19)));
    assert.isUndefined(flavourOf(record(11, 0x10, 8)));
  });
});
