import { test } from '@japa/runner';

import { controlFileAtRest } from '../../harness/compute/control-file-at-rest.ts';
import { parseControlFile } from '../../harness/compute/control-file.ts';
import { thrownBy } from '../support/thrown.ts';
import { slowCrc32c } from '../wal/wal-builder.ts';
import { buildControlFile } from './control-file-builder.ts';

const checkpoint = Buffer.from(Array.from({ length: 88 }, (_, index) => index));

test.group('controlFileAtRest', () => {
  for (const controlVersion of [1300, 1700, 1800]) {
    test(`says shut down with that checkpoint, in version ${String(controlVersion)}`, ({ assert }) => {
      const before = buildControlFile({ controlVersion, state: 6 });
      const copy = Buffer.from(checkpoint);
      copy.writeBigUInt64LE(0x600028n, 0);
      const after = controlFileAtRest(before, 0x600028, copy, 'pg_control');
      const control = parseControlFile(after, 'pg_control');
      assert.equal(control.state, 'shut down');
      assert.deepEqual([control.checkpointLsn, control.redoLsn], [0x600028, 0x600028]);
      assert.equal(control.minRecoveryLsn, 0);
      assert.isTrue(after.subarray(40, 128).equals(copy));
      const crcAt = controlVersion === 1800 ? 292 : 288;
      assert.equal(after.readUInt32LE(crcAt), slowCrc32c(after.subarray(0, crcAt)));
      // All else is as it was.
      for (const [from, to] of [
        [0, 16],
        [20, 32],
        [128, 136],
        [172, crcAt],
      ] as const)
        assert.isTrue(after.subarray(from, to).equals(before.subarray(from, to)), String(from));
    });
  }

  test('a damaged one is refused', ({ assert }) => {
    const damaged = buildControlFile();
    damaged.writeUInt8(9, 200);
    const error = thrownBy(() => controlFileAtRest(damaged, 0, checkpoint, 'pg_control'));
    assert.equal(error.code, 'control-file-crc');
  });
});
