import { test } from '@japa/runner';

import { decodeRecord, RecordDecoder } from '../../harness/wal/decode.ts';
import type { DecodedRecord } from '../../harness/wal/decode.ts';
import { rawRecordFromBytes } from '../../harness/wal/raw-record.ts';
import { thrownBy } from '../support/thrown.ts';
import { buildRecord, sealRecord, u16, u32 } from './wal-builder.ts';
import type { RecordSpec } from './wal-builder.ts';

const relation = [1663, 5, 16_384] as const;

function decode(spec: RecordSpec, major = 17, prev = 0n): DecodedRecord {
  return decodeRecord(rawRecordFromBytes(buildRecord(spec, prev), 0x2000), major);
}

function failureOf(body: Buffer): { readonly code: string; readonly message: string } {
  const raw = rawRecordFromBytes(sealRecord({ rmgrId: 10 }, body), 0x2000);
  return thrownBy(() => decodeRecord(raw, 17));
}

/** What the decoder makes of an image header: method, whether it is to be applied, its hole. */
function imageOf(major: number, info: number, holeLength?: number): unknown {
  const image = {
    stored: Buffer.alloc(500),
    info,
    ...(holeLength === undefined ? {} : { holeOffset: 40, holeLength }),
  };
  const [block] = decode({ rmgrId: 0, blocks: [{ id: 0, relation, block: 0, image }] }, major).blocks;
  return [block?.image?.compression, block?.applyImage, block?.image?.holeLength];
}

test.group('decodeRecord', () => {
  test('reads the header', ({ assert }) => {
    const record = decode(
      { rmgrId: 10, info: 0x80, xid: 0xffff_fff0, main: Buffer.from('abc') },
      17,
      0x12_3456_7890n,
    );
    assert.equal(record.rmgrId, 10);
    assert.equal(record.info, 0x80);
    assert.equal(record.xid, 0xffff_fff0);
    assert.equal(record.prevLsn, 0x12_3456_7890);
    assert.equal(record.mainDataLength, 3);
    assert.deepEqual(record.blocks, []);
  });

  test('finds main data, block data and images where they are', ({ assert }) => {
    const spec: RecordSpec = {
      rmgrId: 11,
      main: Buffer.from('main'),
      blocks: [
        { id: 0, relation, block: 7, data: Buffer.from('zero'), willInit: true },
        {
          id: 1,
          block: 8,
          fork: 2,
          image: { stored: Buffer.alloc(8000, 0x11), holeOffset: 100, info: 0x03 },
        },
        { id: 3, relation: [1664, 0, 1260], block: 0xffff_fffe, data: Buffer.from('three') },
      ],
    };
    const bytes = buildRecord(spec);
    // A record in the middle of other bytes: offsets must count in the buffer.
    const raw = {
      ...rawRecordFromBytes(bytes, 0x2000),
      bytes: Buffer.concat([Buffer.alloc(16), bytes]),
      offset: 16,
    };
    const record = decodeRecord(raw, 15);
    const text = (offset: number, length: number): string =>
      raw.bytes.toString('latin1', offset, offset + length);
    assert.deepEqual(
      record.blocks.map((block) => [
        block.id,
        block.spcOid,
        block.dbOid,
        block.relNumber,
        block.forkNumber,
        block.blockNumber,
        block.willInit,
        block.hasImage,
        block.applyImage,
        text(block.dataOffset, block.dataLength),
      ]),
      [
        [0, 1663, 5, 16_384, 0, 7, true, false, false, 'zero'],
        [1, 1663, 5, 16_384, 2, 8, false, true, true, ''],
        [3, 1664, 0, 1260, 0, 0xffff_fffe, false, false, false, 'three'],
      ],
    );
    const image = record.blocks[1]?.image;
    assert.deepInclude(image, { length: 8000, holeOffset: 100, holeLength: 192, compression: 'none' });
    assert.equal(text(image?.offset ?? 0, 8000), '\x11'.repeat(8000));
    assert.equal(text(record.mainDataOffset, record.mainDataLength), 'main');
  });

  test('reads long main data, origin and top-level transaction', ({ assert }) => {
    const record = decode({ rmgrId: 21, main: Buffer.alloc(70_000), origin: 0xabcd, topXid: 0xdead_beef });
    assert.equal(record.mainDataLength, 70_000);
    assert.equal(record.originId, 0xabcd);
    assert.equal(record.topXid, 0xdead_beef);
    const short = decode({ rmgrId: 21, main: Buffer.from('x'), longHeader: true });
    assert.equal(short.mainDataLength, 1);
    assert.isUndefined(short.originId);
    assert.isUndefined(short.topXid);
  });

  test('reads bimg_info by major', ({ assert }) => {
    assert.deepEqual(imageOf(14, 0x02), ['pglz', false, 0]);
    assert.deepEqual(imageOf(14, 0x07, 3000), ['pglz', true, 3000]);
    assert.deepEqual(imageOf(15, 0x06), ['pglz', true, 0]);
    assert.deepEqual(imageOf(16, 0x08), ['lz4', false, 0]);
    assert.deepEqual(imageOf(17, 0x13, 3000), ['zstd', true, 3000]);
    assert.deepEqual(imageOf(18, 0x05, 3000), ['pglz', false, 3000]);
  });

  test('gives values that outlive the next record; RecordDecoder reuses them', ({ assert }) => {
    const one = { rmgrId: 10, blocks: [{ id: 0, relation, block: 1 }] };
    const two = { rmgrId: 11, blocks: [{ id: 0, relation, block: 2 }] };
    const kept = decode(one);
    decode(two);
    assert.equal(kept.blocks[0]?.blockNumber, 1);
    const decoder = new RecordDecoder(17);
    const first = decoder.decode(rawRecordFromBytes(buildRecord(one), 8));
    const second = decoder.decode(rawRecordFromBytes(buildRecord(two), 8));
    assert.strictEqual(first, second);
    assert.deepEqual(second, decode(two));
  });

  test('forgets the former record: origin, images, blocks', ({ assert }) => {
    const decoder = new RecordDecoder(17);
    const stored = Buffer.alloc(8192);
    decoder.decode(
      rawRecordFromBytes(
        buildRecord({
          rmgrId: 0,
          origin: 1,
          topXid: 2,
          blocks: [{ id: 0, relation, block: 0, image: { stored, info: 2 } }],
        }),
        8,
      ),
    );
    const plain = { rmgrId: 10, blocks: [{ id: 0, relation, block: 0 }] };
    assert.deepEqual(decoder.decode(rawRecordFromBytes(buildRecord(plain), 8)), decode(plain));
  });
});

const locator = Buffer.concat([u32(1663), u32(5), u32(16_384)]);

function block(flags: number, length = 0, id = 0): Buffer {
  return Buffer.concat([Buffer.of(id, flags), u16(length)]);
}

function image(length: number, hole: number, info: number): Buffer {
  return Buffer.concat([u16(length), u16(hole), Buffer.of(info)]);
}

test.group('decodeRecord, damaged records', () => {
  const tail = Buffer.concat([locator, u32(0)]);
  const cases: readonly (readonly [what: string, body: Buffer, message: RegExp])[] = [
    ['a reserved id', Buffer.of(77, 0, 0, 0), /byte 24 of the record, id: block id 77/],
    [
      'blocks out of order',
      Buffer.concat([block(0, 0, 2), tail, block(0x80, 0, 1), u32(0)]),
      /byte 44 of the record, id: block id 1 after 2/,
    ],
    [
      'a block twice',
      Buffer.concat([block(0, 0, 2), tail, block(0x80, 0, 2), u32(0)]),
      /id: block id 2 after 2/,
    ],
    [
      'data announced but empty',
      Buffer.concat([block(0x20, 0), tail]),
      /data_length: BKPBLOCK_HAS_DATA is set/,
    ],
    [
      'data not announced',
      Buffer.concat([block(0, 4), tail, u32(0)]),
      /data_length: BKPBLOCK_HAS_DATA is not set/,
    ],
    ['no relation to repeat', Buffer.concat([block(0x80), u32(0)]), /fork_flags: BKPBLOCK_SAME_REL/],
    ['a header cut short', Buffer.of(0, 0, 0), /XLogRecordBlockHeader: 4 bytes are needed, 3 are left/],
    [
      'an image header cut short',
      Buffer.concat([block(0x10), Buffer.of(1, 2)]),
      /XLogRecordBlockImageHeader: 5 bytes are needed, 2/,
    ],
    [
      'a compression header cut short',
      Buffer.concat([block(0x10), image(10, 10, 5), Buffer.of(1)]),
      /XLogRecordBlockCompressHeader: 2/,
    ],
    ['a locator cut short', Buffer.concat([block(0), locator]), /rlocator: 16 bytes are needed, 12 are left/],
    [
      'a block number cut short',
      Buffer.concat([block(0, 0, 0), tail, block(0x80, 0, 1), Buffer.of(1)]),
      /blkno: 4 bytes are needed, 1/,
    ],
    [
      'main data that do not fit',
      Buffer.of(255, 5, 1, 2, 3),
      /data_length: 5 bytes of data are announced, 3 follow/,
    ],
    ['bytes left over', Buffer.of(255, 1, 1, 2, 3), /data_length: 1 bytes of data are announced, 3 follow/],
    ['short main data header cut short', Buffer.of(255), /XLogRecordDataHeaderShort: 2/],
    ['long main data header cut short', Buffer.of(254, 1), /XLogRecordDataHeaderLong: 5/],
    ['origin cut short', Buffer.of(253, 1), /replorigin_session_origin: 3/],
    ['top-level xid cut short', Buffer.of(252, 1), /toplevel_xid: 5/],
    [
      'a hole not announced',
      Buffer.concat([block(0x10), image(8000, 0, 0), tail, Buffer.alloc(8000)]),
      /bimg_len: image of 8000 bytes/,
    ],
    [
      'a hole announced without offset',
      Buffer.concat([block(0x10), image(8000, 0, 1), tail, Buffer.alloc(8000)]),
      /bimg_len/,
    ],
    [
      'a hole in a whole page',
      Buffer.concat([block(0x10), image(8192, 10, 1), tail, Buffer.alloc(8192)]),
      /bimg_len/,
    ],
    [
      'a hole beyond the page',
      Buffer.concat([block(0x10), image(100, 200, 1), tail, Buffer.alloc(100)]),
      /bimg_len/,
    ],
    [
      'an image larger than a page',
      Buffer.concat([block(0x10), image(9000, 0, 0), tail, Buffer.alloc(9000)]),
      /bimg_len/,
    ],
    [
      'a compressed image of a page',
      Buffer.concat([block(0x10), image(8192, 0, 4), tail, Buffer.alloc(8192)]),
      /bimg_len/,
    ],
    [
      'two compression methods',
      Buffer.concat([block(0x10), image(100, 0, 0x0c), tail, Buffer.alloc(100)]),
      /bimg_info: 0xc names more than one/,
    ],
  ];
  for (const [what, body, message] of cases) {
    test(what, ({ assert }) => {
      const failure = failureOf(body);
      assert.equal(failure.code, 'wal-corrupt-block-reference');
      assert.match(failure.message, message);
    });
  }

  test('an impossible prev-link', ({ assert }) => {
    const raw = rawRecordFromBytes(buildRecord({ rmgrId: 0 }, 0xffff_ffff_ffff_ffffn), 8);
    assert.match(thrownBy(() => decodeRecord(raw, 17)).message, /xl_prev: FFFFFFFF\/FFFFFFFF is beyond/);
  });
});

test.group('rawRecordFromBytes', () => {
  test('takes a record out of a message', ({ assert }) => {
    const bytes = buildRecord({ rmgrId: 0, main: Buffer.from('12345') });
    assert.deepEqual(rawRecordFromBytes(bytes, 0x2000), {
      bytes,
      offset: 0,
      length: 31,
      startLsn: 0x2000 - 32,
      endLsn: 0x2000,
    });
  });

  test('refuses bytes that are no single record', ({ assert }) => {
    const bytes = buildRecord({ rmgrId: 0, main: Buffer.from('12345') });
    for (const wrong of [
      Buffer.alloc(0),
      bytes.subarray(0, 23),
      bytes.subarray(0, 30),
      Buffer.concat([bytes, bytes]),
    ]) {
      assert.equal(thrownBy(() => rawRecordFromBytes(wrong, 8)).code, 'wal-corrupt-record-header');
    }
  });
});
