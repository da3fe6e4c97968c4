import { test } from '@japa/runner';

import { maskPage, maskedBytes, maskingRmgr } from '../../harness/page/mask.ts';
import { thrownBy } from '../support/thrown.ts';
import { btreeLeaf, btreeSpecial, buildPage, heapPage, heapTuple, indexTuple } from './page-builder.ts';

const rmgr = {
  heap: 10,
  btree: 11,
  hash: 12,
  gin: 13,
  gist: 14,
  sequence: 15,
  spgist: 16,
  brin: 17,
  generic: 20,
} as const;

function special(size: number, at: Readonly<Record<number, number>>): Buffer {
  const bytes = Buffer.alloc(size, 0x33);
  for (const [offset, value] of Object.entries(at)) bytes.writeUInt16LE(value, Number(offset));
  return bytes;
}

const items = ['k1', 'k2'].map((key) => ({ bytes: indexTuple(9, 1, Buffer.from(key)) }));
const some = { lsn: 0x1_0000_0001n, checksum: 7, flags: 7, pruneXid: 9, tuples: items };

/** A page of each kind, with free space that is not zero. */
const pages: readonly (readonly [name: string, rmgrId: number, page: Buffer])[] = [
  ['heap', rmgr.heap, heapPage({ flags: 7, pruneXid: 9 })],
  [
    'heap, frozen',
    rmgr.heap,
    buildPage({ tuples: [{ bytes: heapTuple({ infomask: 0x0f00, data: Buffer.from('x') }) }] }),
  ],
  ['btree leaf', rmgr.btree, btreeLeaf({ flags: 7 }, 0x61)],
  ['btree inner', rmgr.btree, buildPage({ ...some, special: btreeSpecial(1, 2, 1, 0x60, 5) })],
  ['hash bucket', rmgr.hash, buildPage({ ...some, special: special(16, { 12: 0x82, 14: 0xff80 }) })],
  ['hash bitmap', rmgr.hash, buildPage({ ...some, special: special(16, { 12: 0x04, 14: 0xff80 }) })],
  ['hash unused', rmgr.hash, buildPage({ ...some, special: special(16, { 12: 0, 14: 0xff80 }) })],
  ['gin', rmgr.gin, buildPage({ ...some, special: special(8, { 6: 0x02 }) })],
  ['gin deleted', rmgr.gin, buildPage({ ...some, special: special(8, { 6: 0x04 }) })],
  ['gist leaf', rmgr.gist, buildPage({ ...some, special: special(16, { 12: 0x11, 14: 0xff81 }) })],
  ['gist inner', rmgr.gist, buildPage({ ...some, special: special(16, { 12: 0x10, 14: 0xff81 }) })],
  ['spgist', rmgr.spgist, buildPage({ ...some, special: special(8, { 0: 4, 6: 0xff82 }) })],
  ['brin regular', rmgr.brin, buildPage({ ...some, special: special(8, { 4: 1, 6: 0xf093 }) })],
  ['brin revmap', rmgr.brin, buildPage({ ...some, special: special(8, { 4: 0, 6: 0xf092 }) })],
  ['sequence', rmgr.sequence, buildPage({ ...some, special: special(8, { 0: 0x1717, 2: 0 }) })],
  ['generic', rmgr.generic, buildPage(some)],
];

function rangeOf(page: Buffer, rmgrId: number, reason: string): readonly [number, number] | undefined {
  const found = maskedBytes(page, rmgrId, 5).find((one) => one.reason === reason);
  return found === undefined ? undefined : [found.offset, found.length];
}

/** t_infomask of a page's only tuple under the heap's mask. */
function maskedInfomask(infomask: number): number {
  const page = buildPage({ tuples: [{ bytes: heapTuple({ infomask, data: Buffer.from('x') }) }] });
  return maskPage(page, rmgr.heap, 0).readUInt16LE((page.readUInt16LE(24) & 0x7fff) + 20);
}

test.group('maskPage', () => {
  for (const [name, rmgrId, page] of pages) {
    test(`${name}: hides what it says that it hides, and nothing else`, ({ assert }) => {
      const masked = maskPage(page, rmgrId, 5);
      const ranges = maskedBytes(page, rmgrId, 5);
      const hidden = new Set(
        ranges.flatMap(({ offset, length }) => Array.from({ length }, (_, i) => offset + i)),
      );
      let found = 0;
      for (let at = 0; at < 8192; at++) {
        const changed = Buffer.from(page);
        changed[at] = changed[at]! ^ (1 << (at & 7));
        const isSeen = !maskPage(changed, rmgrId, 5).equals(masked);
        if (isSeen) found++;
        if (!isSeen && !hidden.has(at)) assert.fail(`a change of byte ${at} went unseen`);
        if (masked[at] !== page[at] && !hidden.has(at)) assert.fail(`byte ${at} was masked in silence`);
      }
      assert.isAtLeast(found, name.endsWith('unused') || name.endsWith('deleted') ? 5 : 20);
      assert.deepEqual(
        ranges.map(({ offset }) => offset),
        ranges.map(({ offset }) => offset).toSorted((left, right) => left - right),
      );
    });
  }

  test('hides LSN, checksum, hint bits and free space, by name', ({ assert }) => {
    const page = heapPage({ flags: 7, pruneXid: 9 });
    assert.deepEqual(rangeOf(page, rmgr.heap, 'pd_lsn'), [0, 8]);
    assert.deepEqual(rangeOf(page, rmgr.heap, 'pd_checksum'), [8, 2]);
    assert.deepEqual(rangeOf(page, rmgr.heap, 'pd_prune_xid'), [20, 4]);
    const lower = page.readUInt16LE(12);
    assert.deepEqual(rangeOf(page, rmgr.heap, 'free space'), [lower, page.readUInt16LE(14) - lower]);
    assert.deepEqual(rangeOf(btreeLeaf(), rmgr.btree, 'btpo_cycleid'), [8190, 2]);
    assert.deepEqual(
      maskedBytes(buildPage(some), rmgr.generic, 5).map((one) => one.reason),
      ['pd_lsn', 'pd_checksum', 'free space'],
    );
  });

  test('a speculative tuple points at itself', ({ assert }) => {
    const page = heapPage();
    const at = page.readUInt16LE(24) & 0x7fff;
    page.writeUInt16LE(0xfffe, at + 16);
    const masked = maskPage(page, rmgr.heap, 0x1_0002);
    assert.deepEqual(
      [12, 14, 16].map((offset) => masked.readUInt16LE(at + offset)),
      [1, 2, 1],
    );
  });

  test('lock and key bits of a frozen tuple stay, those of another go, as PostgreSQL has it', ({
    assert,
  }) => {
    assert.equal(maskedInfomask(0x0fd2), 0x03d2);
    assert.equal(maskedInfomask(0x0dd2), 0x0002);
  });

  test('a page without sound bounds is left as it is, where PostgreSQL would fail', ({ assert }) => {
    for (const [, rmgrId, sound] of pages) {
      for (const [at, value] of [
        [14, 8193],
        [16, 8193],
        [16, 0],
      ] as const) {
        const page = Buffer.from(sound);
        page.writeUInt16LE(value, at);
        if (rmgrId === rmgr.gin || rmgrId === rmgr.brin) continue;
        assert.isTrue(maskPage(page, rmgrId, 5).equals(page));
        assert.isEmpty(maskedBytes(page, rmgrId, 5));
      }
    }
    const zero = Buffer.alloc(8192);
    for (const rmgrId of Object.values(rmgr)) assert.isTrue(maskPage(zero, rmgrId, 5).equals(zero));
  });

  test('any bytes will do', ({ assert }) => {
    const page = Buffer.alloc(8192);
    let state = 1;
    for (let round = 0; round < 300; round++) {
      for (let at = 0; at < 8192; at += 4) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
        page.writeInt32LE(state, at);
      }
      if (round % 2 === 0) {
        page.writeUInt16LE(24 + (round % 97) * 80, 12);
        page.writeUInt16LE(8176, 14);
        page.writeUInt16LE(8176, 16);
      }
      for (const rmgrId of Object.values(rmgr)) assert.lengthOf(maskPage(page, rmgrId, round), 8192);
    }
  });

  test('managers without a mask hide nothing; maps have none', ({ assert }) => {
    const page = heapPage();
    for (const rmgrId of [0, 1, 2, 134]) assert.isTrue(maskPage(page, rmgrId, 5).equals(page));
    assert.isUndefined(maskingRmgr('visibility-map'));
    assert.isUndefined(maskingRmgr('free-space-map'));
    assert.equal(maskingRmgr('btree'), rmgr.btree);
    assert.equal(thrownBy(() => maskPage(Buffer.alloc(8191), rmgr.heap, 5)).code, 'page-size-invalid');
  });
});
