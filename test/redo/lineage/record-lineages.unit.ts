import { test } from '@japa/runner';

import type { SpilledRecord, SpilledRole } from '../../../harness/redo/lineage/lineage-spill.ts';
import { afterImage, recordLineages } from '../../../harness/redo/lineage/record-lineages.ts';
import { buildRecord, type ImageSpec } from '../../wal/wal-builder.ts';
import { thrownBy } from '../../support/thrown.ts';
import { keyOf, markedPage, relation } from '../tiny-tape.ts';

const key = keyOf(0);
const major = 17;
/** In the WAL, an image of wal_consistency_checking: of 15 and later, whole, not to be applied. */
const imageInfo = 0x00;

class Records {
  readonly entries: SpilledRecord[] = [];
  #bytes = Buffer.alloc(0);

  /** A heap insert on block 0, which carries `after` as the page behind it. */
  add(endLsn: number, after?: Buffer, role: SpilledRole = 'record'): this {
    const image: ImageSpec | undefined = after && { stored: after, info: imageInfo };
    const bytes = buildRecord({
      rmgrId: 10,
      info: 0,
      blocks: [{ id: 0, relation, block: 0, ...(image && { image }) }],
      main: Buffer.alloc(3),
    });
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

  lineages(base?: Buffer): ReturnType<typeof recordLineages> {
    return recordLineages(key, this.entries, this.#bytes, major, base);
  }

  after(at: number): Buffer | undefined {
    const record = this.entries[at];
    return record && afterImage(key, record, this.#bytes, major);
  }
}

test.group('recordLineages', () => {
  test('cuts a page at each record: the page before, the record, the page after', ({ assert }) => {
    const base = markedPage(1, 0x50);
    const lineages = new Records()
      .add(0x100, markedPage(2, 0x50))
      .add(0x200, markedPage(3, 0x100))
      .lineages(base);
    assert.deepEqual(
      lineages.map(({ origin, records }) => [origin, records.map(({ endLsn }) => endLsn)]),
      [
        ['base', [0x100]],
        ['base', [0x200]],
      ],
    );
    const [first, second] = lineages;
    assert.isTrue(first?.base?.equals(base));
    assert.isTrue(first?.expected.equals(markedPage(2, 0x100)));
    assert.isTrue(second?.base?.equals(markedPage(2, 0x100)));
    assert.isTrue(second?.expected.equals(markedPage(3, 0x200)));
  });

  test('gives an image the LSN of its record, which it lacks in the WAL, unless the page is new', ({
    assert,
  }) => {
    const records = new Records()
      .add(0x1_0000_0100, markedPage(2, 0x50))
      .add(0x200, Buffer.alloc(8192))
      .add(0x300);
    assert.isTrue(records.after(0)?.equals(markedPage(2, 0x1_0000_0100)));
    assert.isTrue(records.after(1)?.equals(Buffer.alloc(8192)));
    assert.isUndefined(records.after(2));
  });

  test('takes records without an image together with the next that has one, and leaves out the last', ({
    assert,
  }) => {
    const base = markedPage(1, 0x50);
    const lineages = new Records().add(0x100).add(0x200, markedPage(3, 0x100)).add(0x300).lineages(base);
    assert.lengthOf(lineages, 1);
    assert.deepEqual(
      lineages[0]?.records.map(({ endLsn }) => endLsn),
      [0x100, 0x200],
    );
    assert.isTrue(lineages[0]?.base?.equals(base));
  });

  test('begins anew, and without a base, at a record that initialises the page', ({ assert }) => {
    const records = new Records()
      .add(0x100)
      .add(0x200, markedPage(2, 0), 'initialising')
      .add(0x300, markedPage(3));
    const [first, second] = records.lineages();
    assert.equal(first?.origin, 'initialised');
    assert.isUndefined(first?.base);
    assert.deepEqual(
      first?.records.map(({ endLsn }) => endLsn),
      [0x200],
    );
    assert.equal(second?.origin, 'base');
    assert.isTrue(second?.base?.equals(markedPage(2, 0x200)));
  });

  test('says so when nobody has the page before the first record', ({ assert }) => {
    const error = thrownBy(() => new Records().add(0x100, markedPage(2)).lineages());
    assert.equal(error.code, 'lineage-without-base');
  });
});
