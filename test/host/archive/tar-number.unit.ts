import { test } from '@japa/runner';

import { readTarNumber } from '../../../harness/host/archive/tar-number.ts';
import { binarySize } from '../support/raw-tar.ts';

test.group('readTarNumber', () => {
  test('reads octal digits between spaces and NULs', ({ assert }) => {
    for (const [text, value] of [
      ['0000644\u0000', 0o644n],
      ['    644 ', 0o644n],
      ['77777777', 0o77777777n],
      ['\u0000\u0000\u0000\u0000', 0n],
      ['        ', 0n],
      ['644\u0000\u0000\u0000 \u0000', 0o644n],
    ] as const) {
      assert.equal(readTarNumber(Buffer.from(text, 'latin1')), value, JSON.stringify(text));
    }
  });

  test('reads base 256, negative too', ({ assert }) => {
    for (const value of [0n, 1n, 2n ** 33n, 2n ** 80n, -1n, -512n, -(2n ** 40n)]) {
      assert.equal(readTarNumber(binarySize(value)), value);
    }
  });

  test('takes nothing else for a number', ({ assert }) => {
    for (const text of ['00008\u0000', '6 4', '0x1', '-1', '\u000012', '\u0081000', 'ø']) {
      assert.isUndefined(readTarNumber(Buffer.from(text, 'latin1')), JSON.stringify(text));
    }
  });
});
