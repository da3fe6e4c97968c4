import { test } from '@japa/runner';

import { parseControlFile } from '../../harness/compute/control-file.ts';
import { codeOf } from '../support/error-code.ts';
import { buildControlFile } from './control-file-builder.ts';

const crcEnds: Readonly<Record<number, number>> = { 1300: 292, 1700: 292, 1800: 296 };

function code(bytes: Buffer): string {
  return codeOf(() => parseControlFile(bytes, 'pg_control'));
}

test.group('parseControlFile', () => {
  test('reads what majors 14 to 18 write (version {$self})')
    .with([1300, 1700, 1800])
    .run(({ assert }, controlVersion) => {
      const bytes = buildControlFile({
        controlVersion,
        state: 2,
        checkpointLsn: 0x1_2345_6788n,
        redoLsn: 0x1_2345_6000n,
        walSegmentSizeBytes: 64 * 1024 * 1024,
        dataChecksumVersion: 1,
      });
      assert.deepEqual(parseControlFile(bytes, 'pg_control'), {
        systemIdentifier: 7711000523555418142n,
        controlVersion,
        catalogVersion: 202209061,
        state: 'shut down in recovery',
        checkpointLsn: 0x1_2345_6788,
        redoLsn: 0x1_2345_6000,
        timeline: 1,
        fullPageWrites: true,
        minRecoveryLsn: 0,
        walLogHints: false,
        blockSizeBytes: 8192,
        relationSegmentBlocks: 131072,
        walSegmentSizeBytes: 64 * 1024 * 1024,
        dataChecksumVersion: 1,
      });
    });

  test('needs nothing behind the CRC and everything before it (version {$self})')
    .with([1300, 1700, 1800])
    .run(({ assert }, controlVersion) => {
      const bytes = buildControlFile({ controlVersion });
      const end = crcEnds[controlVersion] ?? 0;
      assert.equal(parseControlFile(bytes.subarray(0, end), 'pg_control').state, 'shut down');
      for (let length = 0; length < end; length++) {
        assert.equal(code(bytes.subarray(0, length)), 'control-file-truncated', `${String(length)} bytes`);
      }
    });

  test('notices every changed byte', ({ assert }) => {
    const bytes = buildControlFile();
    for (let offset = 0; offset < 292; offset++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(offset) ^ 0x40, offset);
      const inVersion = offset >= 8 && offset < 12;
      assert.equal(
        code(changed),
        inVersion ? 'control-file-version' : 'control-file-crc',
        `byte ${String(offset)}`,
      );
    }
  });

  test('refuses values that no server writes', ({ assert }) => {
    assert.equal(code(buildControlFile({ state: 7 })), 'control-file-invalid');
    assert.equal(code(buildControlFile({ checkpointLsn: 1n << 60n })), 'control-file-invalid');
    assert.equal(code(buildControlFile({ walSegmentSizeBytes: 3 * 1024 * 1024 })), 'control-file-invalid');
    assert.equal(code(buildControlFile({ walSegmentSizeBytes: 8192 })), 'control-file-invalid');
  });
});
