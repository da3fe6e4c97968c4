import { test } from '@japa/runner';

import { bufferSource } from '../../../harness/host/elf/elf-source.ts';
import { readIcuRootVersion } from '../../../harness/bundle/inventory/icu-root-version.ts';

function versionIn(bytes: Buffer): string | undefined {
  return readIcuRootVersion(bufferSource(bytes), bytes.length);
}

/** Data of ICU with one item: a table of contents, its name, and a header. */
function icuData(name: string, dataVersion: readonly number[], formatVersion = 5): Buffer {
  const head = Buffer.alloc(32);
  head.writeUInt16LE(32, 0);
  Buffer.from([0xda, 0x27]).copy(head, 2);
  head.write('CmnD', 12);
  const contents = Buffer.alloc(12);
  const text = Buffer.from(`${name}\0`);
  contents.writeUInt32LE(1, 0);
  contents.writeUInt32LE(12, 4);
  contents.writeUInt32LE(12 + text.length, 8);
  const item = Buffer.alloc(24);
  item.write('UCol', 12);
  item.writeUInt8(formatVersion, 16);
  Buffer.from(dataVersion).copy(item, 20);
  return Buffer.concat([Buffer.alloc(100), head, contents, text, item]);
}

test.group('readIcuRootVersion', () => {
  test('prints it as PostgreSQL records it', ({ assert }) => {
    const versions = [
      [[9, 80, 0, 0], '153.80'],
      [[9, 120, 0, 0], '153.120'],
      [[9, 128, 0, 0], '153.128'],
      // ICU drops the zero in the middle of 104.
      [[9, 104, 0, 0], '153.14'],
      [[9, 51, 64, 0], '153.51.64'],
    ] as const;
    for (const [bytes, words] of versions)
      assert.equal(versionIn(icuData('icudt76l/coll/ucadata.icu', bytes)), words);
  });

  test('is undefined where the data is not there, older, or cut', ({ assert }) => {
    assert.isUndefined(versionIn(icuData('icudt76l/coll/root.res', [9, 128, 0, 0])));
    assert.isUndefined(versionIn(icuData('icudt52l/coll/ucadata.icu', [7, 51, 0, 0], 3)));
    const whole = icuData('icudt76l/coll/ucadata.icu', [9, 128, 0, 0]);
    for (let length = 0; length < whole.length; length++)
      assert.isUndefined(versionIn(whole.subarray(0, length)), `cut at ${String(length)}`);
  });
});
