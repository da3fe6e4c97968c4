import { zstdCompressSync } from 'node:zlib';

import { test } from '@japa/runner';

import { decodeRecord } from '../../harness/wal/decode.ts';
import { restoreImage } from '../../harness/wal/image.ts';
import { rawRecordFromBytes } from '../../harness/wal/raw-record.ts';
import { compressLz4 } from './lz4-writer.ts';
import { compressPglz } from './pglz-writer.ts';
import { thrownBy } from '../support/thrown.ts';
import { buildRecord } from './wal-builder.ts';
import type { ImageSpec } from './wal-builder.ts';

/** A page with `hole` zero bytes in the middle and repetitive content around them. */
function pageWithHole(holeOffset: number, holeLength: number): Buffer {
  const page = Buffer.alloc(8192);
  for (let at = 0; at < page.length; at++) page[at] = (at * 7) % 251;
  return page.fill(0, holeOffset, holeOffset + holeLength);
}

function restore(image: ImageSpec, major = 17, into?: Buffer): Buffer {
  const bytes = buildRecord({
    rmgrId: 0,
    info: 0xb0,
    blocks: [{ id: 0, relation: [1, 2, 3], block: 4, image }],
  });
  const raw = rawRecordFromBytes(bytes, 0x2000);
  return restoreImage(raw, decodeRecord(raw, major).blocks[0]!, into);
}

const page = pageWithHole(300, 5000);
const folded = Buffer.concat([page.subarray(0, 300), page.subarray(5300)]);

test.group('restoreImage', () => {
  test('a whole page', ({ assert }) => {
    assert.isTrue(restore({ stored: page, info: 0x02 }).equals(page));
  });

  test('puts the hole back, zeroed, also over old content', ({ assert }) => {
    const into = Buffer.alloc(8192, 0xff);
    const restored = restore({ stored: folded, holeOffset: 300, info: 0x03 }, 17, into);
    assert.strictEqual(restored, into);
    assert.isTrue(restored.equals(page));
  });

  for (const [major, info] of [
    [14, 0x06],
    [15, 0x06],
    [17, 0x06],
  ] as const) {
    test(`pglz without a hole, ${major}`, ({ assert }) => {
      assert.isTrue(restore({ stored: compressPglz(page), info }, major).equals(page));
    });
  }

  for (const [major, info] of [
    [14, 0x07],
    [15, 0x07],
    [18, 0x07],
  ] as const) {
    test(`pglz with a hole, ${major}`, ({ assert }) => {
      const image = { stored: compressPglz(folded), holeOffset: 300, holeLength: 5000, info };
      assert.isTrue(restore(image, major).equals(page));
    });
  }

  test('lz4 and zstd, with and without a hole', ({ assert }) => {
    for (const [method, compress] of [
      [0x08, compressLz4],
      [0x10, (bytes: Buffer): Buffer => zstdCompressSync(bytes)],
    ] as const) {
      assert.isTrue(restore({ stored: compress(page), info: 0x02 | method }).equals(page));
      const image = { stored: compress(folded), holeOffset: 300, holeLength: 5000, info: 0x03 | method };
      assert.isTrue(restore(image, 15).equals(page));
    }
  });

  test('refuses lz4 and zstd images that do not come out as one page', ({ assert }) => {
    const lz4 = compressLz4(page);
    const zstd = zstdCompressSync(page);
    const cases: readonly (readonly [number, Buffer, RegExp])[] = [
      [0x0a, lz4.subarray(0, lz4.length - 1), /lz4: \d+ literal bytes do not fit/],
      [0x0a, Buffer.of(0x10, 0x41), /lz4: only 1 of 8192 bytes/],
      [0x0a, Buffer.of(0x10, 0x41, 0x01), /lz4: a copy is cut short/],
      [0x0a, Buffer.of(0x10, 0x41, 0x02, 0x00), /lz4: a copy from 2 bytes back with only 1/],
      [0x0a, Buffer.of(0x10, 0x41, 0x00, 0x00), /lz4: a copy from 0 bytes back/],
      [0x0a, Buffer.of(0x10, 0x41, 0x01, 0x00), /lz4: the block ends behind a copy/],
      [
        0x0a,
        Buffer.concat([Buffer.of(0x1f, 0x41, 0x01, 0x00), Buffer.alloc(40, 0xff), Buffer.of(0)]),
        /lz4: a copy of \d+ bytes does not fit/,
      ],
      [0x0a, Buffer.alloc(50, 0xff), /lz4: \d+ literal bytes do not fit/],
      [0x12, zstd.subarray(0, zstd.length - 3), /zstd: /],
      [0x12, zstdCompressSync(folded), /zstd: 3192 instead of 8192 bytes/],
      [0x12, zstdCompressSync(Buffer.alloc(8193)), /zstd: /],
      [0x12, Buffer.alloc(30, 5), /zstd: /],
    ];
    for (const [info, stored, message] of cases) {
      const error = thrownBy(() => restore({ stored, info }));
      assert.equal(error.code, 'wal-corrupt-image');
      assert.match(error.message, message);
    }
  });

  test('refuses a pglz image that does not come out as one page', ({ assert }) => {
    const stored = compressPglz(page);
    const cases: readonly (readonly [Buffer, RegExp])[] = [
      [stored.subarray(0, stored.length - 3), /only \d+ of 8192 bytes came out|cut short/],
      [Buffer.concat([stored, Buffer.of(0)]), /1 bytes are left over/],
      [Buffer.of(0x01, 0x00, 0x05), /a copy from 5 bytes back with only 0/],
      [Buffer.of(0x02, 0x41, 0x00, 0x00), /a copy from 0 bytes back/],
      [Buffer.of(0x02, 0x41, 0x00), /a copy is cut short/],
      [Buffer.of(0x02, 0x41, 0x0f, 0x01), /a long copy is cut short/],
    ];
    for (const [damaged, message] of cases) {
      const error = thrownBy(() => restore({ stored: damaged, info: 0x06 }));
      assert.equal(error.code, 'wal-corrupt-image');
      assert.match(error.message, message);
    }
  });

  test('refuses a block without an image and a target that is no page', ({ assert }) => {
    const raw = rawRecordFromBytes(
      buildRecord({ rmgrId: 0, blocks: [{ id: 0, relation: [1, 2, 3], block: 4 }] }),
      8,
    );
    assert.equal(thrownBy(() => restoreImage(raw, decodeRecord(raw, 17).blocks[0]!)).code, 'fpi-missing');
    assert.equal(
      thrownBy(() => restore({ stored: page, info: 2 }, 17, Buffer.alloc(10))).code,
      'page-size-invalid',
    );
  });
});
