import { test } from '@japa/runner';

import { diffControlFiles } from '../../harness/compute/control-file-fields.ts';
import { buildControlFile } from './control-file-builder.ts';

test.group('diffControlFiles', () => {
  for (const controlVersion of [1300, 1700]) {
    test(`names the fields that differ, with values, version ${String(controlVersion)}`, ({ assert }) => {
      const expected = buildControlFile({
        controlVersion,
        dataChecksumVersion: 0,
        checkpointLsn: 0x1552af8n,
      });
      const actual = buildControlFile({
        controlVersion,
        dataChecksumVersion: 1,
        checkpointLsn: 0x1_0000_0028n,
      });
      const differences = diffControlFiles(expected, actual);
      assert.deepEqual(
        differences.slice(0, -1).map(({ field, expected, actual }) => [field, expected, actual]),
        [
          ['checkPoint', '0/1552AF8', '1/28'],
          ['checkPointCopy.redo', '0/1552AF8', '1/28'],
          ['data_checksum_version', '0', '1'],
        ],
      );
      assert.equal(differences.at(-1)?.field, 'crc');
    });
  }

  test('every byte counts: padding and what stands behind the last field have their numbers', ({
    assert,
  }) => {
    const expected = Buffer.concat([buildControlFile(), Buffer.alloc(100)]);
    for (let at = 0; at < 400; at++) {
      const actual = Buffer.from(expected);
      actual[at] = (actual[at] ?? 0) ^ 0x80;
      const differences = diffControlFiles(expected, actual);
      assert.lengthOf(differences, 1, String(at));
    }
    const actual = Buffer.from(expected);
    actual[20] = 7;
    actual[350] = 9;
    assert.deepEqual(diffControlFiles(expected, actual), [
      { field: 'byte 20', expected: '0', actual: '7' },
      { field: 'byte 350', expected: '0', actual: '9' },
    ]);
  });

  test('copes with files that are cut off', ({ assert }) => {
    const whole = buildControlFile();
    for (const length of [0, 5, 11, 12, 100, 255]) {
      const cut = whole.subarray(0, length);
      assert.isEmpty(diffControlFiles(cut, cut));
    }
  });
});
