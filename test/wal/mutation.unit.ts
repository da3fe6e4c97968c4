import { zstdCompressSync } from 'node:zlib';

import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { RedoubtError } from '../../harness/error.ts';
import { decodeRecord } from '../../harness/wal/decode.ts';
import { storageEffects } from '../../harness/wal/effects.ts';
import { restoreImage } from '../../harness/wal/image.ts';
import { rawRecordFromBytes } from '../../harness/wal/raw-record.ts';
import { compressLz4 } from './lz4-writer.ts';
import { compressPglz } from './pglz-writer.ts';
import { readAll, readerOf } from './reading.ts';
import { buildRecord, u32, u64, WalBuilder } from './wal-builder.ts';
import type { RecordSpec } from './wal-builder.ts';

/** How many mutated inputs each property tries; REDOUBT_MUTATIONS=1000000 for the long run. */
const numRuns = Number(process.env['REDOUBT_MUTATIONS'] ?? 1500);

/** A few bytes of the input, replaced: anything, or what lengths and counts are most afraid of. */
const mutations = fc.array(
  fc.record({
    place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    value: fc.oneof(fc.nat(255), fc.constantFrom(0x00, 0x01, 0x7f, 0x80, 0xff)),
    times: fc.constantFrom(1, 1, 2, 4, 8),
  }),
  { minLength: 1, maxLength: 6 },
);

type Mutations = typeof mutations extends fc.Arbitrary<infer T> ? T : never;

function mutate(bytes: Buffer, changes: Mutations): Buffer {
  const mutated = Buffer.from(bytes);
  for (const { place, value, times } of changes) {
    const at = Math.floor(place * bytes.length);
    mutated.fill(value, at, Math.min(at + times, bytes.length));
  }
  return mutated;
}

const page = Buffer.alloc(8192, 0x42).fill(7, 0, 600).fill(0, 3000, 7000);
const image = {
  stored: compressPglz(Buffer.concat([page.subarray(0, 3000), page.subarray(7000)])),
  holeOffset: 3000,
  holeLength: 4000,
  info: 7,
};
const relation = [1663, 5, 16_384] as const;
const locator = Buffer.concat([u32(1663), u32(5), u32(16_384)]);
const rich: readonly RecordSpec[] = [
  {
    rmgrId: 0,
    info: 0xb0,
    blocks: [{ id: 0, relation, block: 1, image: { stored: compressLz4(page), info: 0x0a } }],
  },
  {
    rmgrId: 0,
    info: 0xb0,
    blocks: [{ id: 0, relation, block: 1, image: { stored: zstdCompressSync(page), info: 0x12 } }],
  },
  { rmgrId: 0, info: 0xb0, blocks: [{ id: 0, relation, block: 1, image }] },
  { rmgrId: 0, info: 0xa0, blocks: [{ id: 0, relation, block: 2, image: { stored: page, info: 2 } }] },
  {
    rmgrId: 11,
    info: 0x30,
    main: Buffer.alloc(10),
    blocks: [
      { id: 0, relation, block: 1, data: Buffer.alloc(90) },
      { id: 1, block: 2, willInit: true, data: Buffer.alloc(3000) },
      { id: 2, block: 3 },
    ],
  },
  {
    rmgrId: 1,
    info: 0x80,
    main: Buffer.concat([
      u64(1n),
      u32(7),
      u32(5),
      u32(1663),
      u32(2),
      u32(8),
      u32(9),
      u32(2),
      locator,
      locator,
    ]),
    origin: 3,
    topXid: 4,
  },
  { rmgrId: 2, info: 0x20, main: Buffer.concat([u32(1), locator, u32(7)]) },
  { rmgrId: 4, info: 0x20, main: Buffer.concat([u32(1), u32(2), u32(3), u32(4)]) },
  { rmgrId: 5, info: 0x00, main: Buffer.concat([u32(1), Buffer.from('/path\0')]) },
  {
    rmgrId: 10,
    info: 0x00,
    main: Buffer.alloc(300),
    blocks: [{ id: 0, relation, block: 9, data: Buffer.alloc(40) }],
  },
];

test.group('mutated WAL', () => {
  const builder = new WalBuilder();
  for (const spec of rich) builder.append(spec);
  builder.append({ rmgrId: 0, info: 0x20, main: Buffer.alloc(20_000) });
  const lost = builder.append({ rmgrId: 0, info: 0x20, main: Buffer.alloc(20_000) }, 9000);
  builder.overwrite(lost.start);
  for (const spec of rich) builder.append(spec);
  const written = builder.bytes().subarray(0, builder.position - builder.start);

  test('is read up to the damage and refused there, or was damaged where nothing is read', ({ assert }) => {
    fc.assert(
      fc.property(mutations, (changes) => {
        const { records, error } = readAll(
          readerOf(builder, { source: builder.source(mutate(written, changes)) }),
        );
        const isTyped =
          error === undefined || (error instanceof RedoubtError && error.code.startsWith('wal-'));
        const isTrue = records.every(
          (record, index) => builder.records[index]?.bytes.equals(record.bytes) === true,
        );
        const isWhole = error !== undefined || records.length === builder.records.length;
        if (!isTyped || !isTrue || !isWhole) assert.fail(String(error));
      }),
      { numRuns },
    );
  }).timeout(0);

  for (const major of [14, 15, 17]) {
    test(`records of ${major} whose CRC nobody checks decode within their bounds or are refused`, ({
      assert,
    }) => {
      const property = fc.property(fc.constantFrom(...rich), mutations, (spec, changes) => {
        const bytes = mutate(buildRecord(spec), changes);
        bytes.writeUInt32LE(bytes.length, 0);
        const problem = useRecord(bytes, major);
        if (problem !== undefined) assert.fail(problem);
      });
      fc.assert(property, { numRuns });
    }).timeout(0);
  }
});

/** Decodes a record and does everything with it; returns what a careless reader would have done wrong. */
function useRecord(bytes: Buffer, major: number): string | undefined {
  try {
    const raw = rawRecordFromBytes(bytes, 0x10_0000);
    const record = decodeRecord(raw, major);
    let total = record.mainDataLength;
    for (const block of record.blocks) {
      if (block.dataOffset + block.dataLength > bytes.length) return 'block data beyond the record';
      total += block.dataLength;
      if (block.image === undefined) continue;
      total += block.image.length;
      if (block.image.offset + block.image.length > bytes.length) return 'image beyond the record';
      if (block.image.compression === 'none' && restoreImage(raw, block).length !== 8192) return 'no page';
      restoreImage(raw, block);
    }
    if (record.mainDataOffset + record.mainDataLength !== bytes.length)
      return 'main data do not end the record';
    if (total > bytes.length) return 'more data than bytes';
    storageEffects(raw, record, major);
    return undefined;
  } catch (error) {
    return error instanceof RedoubtError && error.kind === 'infrastructure' ? undefined : String(error);
  }
}
