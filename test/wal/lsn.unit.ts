import { test } from '@japa/runner';

import { formatLsn, parseLsn } from '../../harness/wal/lsn.ts';
import { thrownBy } from '../support/thrown.ts';

test.group('LSN', () => {
  test('is written and read as PostgreSQL does', ({ assert }) => {
    for (const [text, lsn] of [
      ['0/0', 0],
      ['0/16B3748', 0x16b3748],
      ['0/FFFFFFFF', 0xffff_ffff],
      ['1/0', 0x1_0000_0000],
      ['1FFFFF/FFFFFFFF', Number.MAX_SAFE_INTEGER],
    ] as const) {
      assert.equal(formatLsn(lsn), text);
      assert.equal(parseLsn(text), lsn);
    }
    assert.equal(parseLsn('0/016b3748'), 0x16b3748);
  });

  test('is refused when it is none, or too large', ({ assert }) => {
    for (const text of ['', '0', '0/', '/0', '0/123456789', '0/G', '0/0 ', '-1/0']) {
      assert.equal(thrownBy(() => parseLsn(text)).code, 'lsn-malformed');
    }
    assert.equal(thrownBy(() => parseLsn('200000/0')).code, 'lsn-out-of-range');
    for (const lsn of [-1, 0.5, Number.NaN, 2 ** 53]) {
      assert.equal(thrownBy(() => formatLsn(lsn)).code, 'lsn-out-of-range');
    }
  });
});
