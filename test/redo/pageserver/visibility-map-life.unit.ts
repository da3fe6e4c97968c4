import { test } from '@japa/runner';

import type { SpilledRecord, SpilledRole } from '../../../harness/redo/lineage/lineage-spill.ts';
import {
  clearVisibilityMapFlags,
  truncateVisibilityMap,
} from '../../../harness/redo/pageserver/pageserver-model.ts';
import { visibilityMapLife } from '../../../harness/redo/pageserver/visibility-map-life.ts';
import { buildRecord, u32, type RecordSpec } from '../../wal/wal-builder.ts';
import { thrownBy } from '../../support/thrown.ts';
import { keyOf, markedPage, relation } from '../tiny-tape.ts';

const key = keyOf(0, 2);
const major = 17;

/** Events as the spill keeps them: entries, and one buffer with their bytes. */
class Events {
  readonly entries: SpilledRecord[] = [];
  #bytes = Buffer.alloc(0);

  get bytes(): Buffer {
    return this.#bytes;
  }

  add(role: SpilledRole, endLsn: number, bytes: Buffer): this {
    this.entries.push({
      forkId: 0,
      blockNumber: 0,
      role,
      endLsn,
      recordOffset: this.#bytes.length,
      recordBytes: bytes.length,
    });
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    return this;
  }

  record(endLsn: number, spec: RecordSpec, role: SpilledRole = 'record'): this {
    return this.add(role, endLsn, buildRecord(spec));
  }

  /** XLOG_HEAP2_VISIBLE of a heap block. */
  visible(endLsn: number, heapBlock: number, bits = 3): this {
    const blocks = [
      { id: 0, relation, fork: 2, block: 0 },
      { id: 1, block: heapBlock },
    ];
    return this.record(endLsn, {
      rmgrId: 9,
      info: 0x40,
      blocks,
      main: Buffer.concat([u32(700), Buffer.of(bits)]),
    });
  }

  clear(endLsn: number, heapBlock: number, bits = 3): this {
    return this.add('clear', endLsn, Buffer.concat([u32(heapBlock), u32(bits)]));
  }

  life(base?: Buffer): ReturnType<typeof visibilityMapLife> {
    return visibilityMapLife(key, this.entries, this.bytes, major, base);
  }
}

test.group('visibilityMapLife', () => {
  test('asks once where nothing is cleared', ({ assert }) => {
    const { lineages, finalPage } = new Events().visible(100, 0).visible(200, 7).life();
    assert.lengthOf(lineages, 1);
    assert.equal(lineages[0]?.origin, 'zero');
    assert.lengthOf(lineages[0]?.records ?? [], 2);
    assert.isTrue(lineages[0]?.expected.equals(finalPage));
    assert.deepEqual([finalPage.readUInt32LE(4), finalPage[24], finalPage[25]], [200, 3, 3 << 6]);
  });

  test('cuts at each clear, and pushes the page as the model has it then', ({ assert }) => {
    const { lineages, finalPage } = new Events()
      .visible(100, 0)
      .visible(150, 1)
      .clear(200, 0)
      .clear(250, 5)
      .visible(300, 2)
      .clear(400, 2)
      .life();
    assert.deepEqual(
      lineages.map(({ origin, records }) => [origin, records.map(({ endLsn }) => endLsn)]),
      [
        ['zero', [100, 150]],
        ['base', [300]],
      ],
    );
    const pushed = Buffer.from(lineages[0]?.expected ?? Buffer.alloc(0));
    clearVisibilityMapFlags(pushed, 0, 3);
    assert.isTrue(lineages[1]?.base?.equals(pushed));
    assert.equal(lineages[1]?.expected[24], 0b11_11_00);
    assert.deepEqual([finalPage[24], finalPage.readUInt32LE(4)], [0b00_11_00, 300]);
  });

  test('goes on from the base', ({ assert }) => {
    const base = markedPage(0, 50);
    base[24] = 0xff;
    const { lineages } = new Events().clear(60, 3, 2).visible(100, 9).life(base);
    assert.equal(lineages[0]?.origin, 'base');
    assert.equal(lineages[0]?.base?.[24], 0b01_11_11_11);
    assert.equal(base[24], 0xff);
  });

  test('loses what the heap loses', ({ assert }) => {
    const base = markedPage(0xff, 50);
    const { lineages, finalPage } = new Events()
      .add('truncate', 100, Buffer.concat([u32(6), u32(0)]))
      .life(base);
    const expected = Buffer.from(base);
    truncateVisibilityMap(expected, 6);
    assert.lengthOf(lineages, 0);
    assert.isTrue(finalPage.equals(expected));
  });

  test('knows a heap record that names the page of the map', ({ assert }) => {
    const base = markedPage(0xff, 50);
    const blocks = [
      { id: 0, relation, block: 2 },
      { id: 1, fork: 2, block: 0 },
    ];
    const main = Buffer.concat([u32(700), Buffer.of(1, 0, 0, 1)]);
    const { lineages, finalPage } = new Events()
      .record(300, { rmgrId: 10, info: 0x10, blocks, main })
      .life(base);
    assert.lengthOf(lineages, 1);
    assert.deepEqual([finalPage[24], finalPage.readUInt32LE(4)], [0b11_00_11_11, 300]);
  });

  test('refuses a record that changes the map in an unknown way', ({ assert }) => {
    const blocks = [{ id: 0, relation, fork: 2, block: 0 }];
    const events = new Events().record(300, { rmgrId: 11, info: 0, blocks, main: Buffer.alloc(8) });
    const error = thrownBy(() => events.life());
    assert.equal(error.code, 'visibility-map-unmodelled');
    assert.match(error.message, /vm block 0: the record that ends at 0\/12C/);
  });
});
