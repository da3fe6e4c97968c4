import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { diffPages } from '../../harness/page/diff.ts';
import type { PageDifference } from '../../harness/page/diff.ts';
import type { PageKind } from '../../harness/page/kind.ts';
import { thrownBy } from '../support/thrown.ts';
import { btreeLeaf, btreeSpecial, buildPage, heapPage, indexTuple } from './page-builder.ts';

/** The difference between a page and itself with some bytes XORed. */
function flipped(page: Buffer, kind: PageKind, changes: Readonly<Record<number, number>>): PageDifference {
  const other = Buffer.from(page);
  for (const [at, bits] of Object.entries(changes)) other[Number(at)]! ^= bits;
  return diffPages(page, other, kind);
}

/** Where t_infomask of the first tuple of heapPage() lies, and lp_flags of its first line pointer. */
const infomaskAt = 8192 - 32 + 20;
const linePointerAt = 24;

/** A btree meta page; pd_lower behind the fields, as if they were line pointers. */
function metaPage(root: number, fastRoot: number): Buffer {
  const content = Buffer.alloc(48);
  content.writeUInt32LE(root, 8);
  content.writeUInt32LE(fastRoot, 16);
  return buildPage({ special: btreeSpecial(0, 0, 0, 8), lower: 72, content });
}

test.group('diffPages, classes', () => {
  test('identical pages, and only those', ({ assert }) => {
    const page = heapPage();
    assert.deepEqual(diffPages(page, Buffer.from(page), 'heap'), {
      class: 'identical',
      parts: [],
      bytesDiffering: 0,
      ranges: [],
      rangesTotal: 0,
      firstOffset: undefined,
    });
    for (let at = 0; at < 8192; at++) {
      const difference = flipped(page, 'heap', { [at]: 0x10 });
      if (difference.class === 'identical' || difference.firstOffset !== at) assert.fail(`byte ${at}`);
    }
  });

  const page = heapPage();
  const leaf = btreeLeaf();
  const cases: readonly (readonly [string, PageDifference, PageDifference['class'], readonly string[]])[] = [
    ['pd_lsn', flipped(page, 'heap', { 5: 1 }), 'lsn-only', ['lsn']],
    [
      'pd_lsn and the checksum that follows from it',
      flipped(page, 'heap', { 5: 1, 8: 1 }),
      'lsn-only',
      ['lsn', 'checksum'],
    ],
    ['pd_checksum', flipped(page, 'heap', { 9: 1 }), 'checksum-only', ['checksum']],
    ['pd_prune_xid', flipped(page, 'heap', { 20: 1 }), 'hint-bits-only', ['hint-bits']],
    ['PD_HAS_FREE_LINES and PD_PAGE_FULL', flipped(page, 'heap', { 10: 3 }), 'hint-bits-only', ['hint-bits']],
    ['PD_ALL_VISIBLE is no hint', flipped(page, 'heap', { 10: 4 }), 'content', ['content']],
    [
      'HEAP_XMIN_COMMITTED',
      flipped(page, 'heap', { [infomaskAt + 1]: 0x0f }),
      'hint-bits-only',
      ['hint-bits'],
    ],
    ['HEAP_XMAX_LOCK_ONLY is no hint', flipped(page, 'heap', { [infomaskAt]: 0x80 }), 'content', ['content']],
    ['free space', flipped(page, 'heap', { 200: 1 }), 'free-space-only', ['free-space']],
    [
      'free space of a leaf',
      flipped(leaf, 'btree', { 200: 1, 9: 1 }),
      'free-space-only',
      ['checksum', 'free-space'],
    ],
    [
      'map bytes where others have free space',
      flipped(page, 'visibility-map', { 200: 1 }),
      'content',
      ['content'],
    ],
    ['free space of an unknown kind', flipped(page, 'other', { 200: 1 }), 'content', ['content']],
    [
      'a dead mark on a leaf',
      flipped(leaf, 'btree', { [linePointerAt + 6]: 1 }),
      'hint-bits-only',
      ['hint-bits'],
    ],
    ['BTP_HAS_GARBAGE', flipped(leaf, 'btree', { 8188: 0x40 }), 'hint-bits-only', ['hint-bits']],
    [
      'a dead mark above the leaves is no hint',
      flipped(btreeLeaf({}, 0), 'btree', { [linePointerAt + 6]: 1 }),
      'content',
      ['content'],
    ],
    [
      'a line pointer state in a heap',
      flipped(page, 'heap', { [linePointerAt + 6]: 1 }),
      'content',
      ['content'],
    ],
    ['btpo_next', flipped(leaf, 'btree', { 8180: 1 }), 'content', ['content']],
    ['user data', flipped(page, 'heap', { 8186: 1 }), 'content', ['content']],
    ['LSN and a hint', flipped(page, 'heap', { 5: 1, 20: 1 }), 'content', ['lsn', 'hint-bits']],
    ['LSN and user data', flipped(page, 'heap', { 5: 1, 8186: 1 }), 'content', ['lsn', 'content']],
  ];
  for (const [what, difference, expected, parts] of cases) {
    test(what, ({ assert }) => {
      assert.equal(difference.class, expected);
      assert.deepEqual(difference.parts, parts);
    });
  }

  test('the same items in another order, or at other places', ({ assert }) => {
    const texts = ['one-one-', 'two-two-', 'three-33'];
    const other = [texts[2]!, texts[0]!, texts[1]!];
    assert.equal(diffPages(heapPage({}, texts), heapPage({}, other), 'heap').class, 'item-order');
    assert.equal(
      diffPages(heapPage({}, texts), heapPage({}, [...texts.slice(0, 2), 'three-34']), 'heap').class,
      'content',
    );
    const swapped = heapPage({}, other);
    const [one, two, three] = [24, 28, 32].map((at) => swapped.readUInt32LE(at));
    for (const [at, bits] of [
      [24, two],
      [28, three],
      [32, one],
    ] as const)
      swapped.writeUInt32LE(bits!, at);
    assert.equal(diffPages(heapPage({}, texts), swapped, 'heap').class, 'item-order');
    assert.equal(diffPages(heapPage({}, texts), heapPage({ lsn: 1n }, other), 'heap').class, 'content');
  });

  test('fields of a btree meta page are no items', ({ assert }) => {
    assert.equal(diffPages(metaPage(3, 7), metaPage(7, 3), 'btree').class, 'content');
  });
});

test.group('diffPages, ranges', () => {
  test('shows small fields whole and long ones where they differ', ({ assert }) => {
    const expected = heapPage({}, ['a'.repeat(100)]);
    const actual = Buffer.from(expected);
    actual[4] = 0x55;
    const dataAt = 8192 - 128 + 24;
    actual.fill('b', dataAt + 10, dataAt + 60);
    const { ranges, rangesTotal, firstOffset, bytesDiffering } = diffPages(expected, actual, 'heap');
    assert.deepEqual(ranges, [
      { offset: 0, length: 8, field: 'pd_lsn', expected: '1200000090785634', actual: '1200000055785634' },
      {
        offset: dataAt + 10,
        length: 50,
        field: 'data of item 1',
        expected: `${'61'.repeat(32)}...`,
        actual: `${'62'.repeat(32)}...`,
      },
    ]);
    assert.equal(rangesTotal, 2);
    assert.equal(firstOffset, 4);
    assert.equal(bytesDiffering, 51);
  });

  test('is cut to the first ranges, but counts all', ({ assert }) => {
    const { ranges, rangesTotal } = diffPages(heapPage(), Buffer.alloc(8192, 0xa5), 'heap', 3);
    assert.deepEqual(
      ranges.map((range) => range.field),
      ['pd_lsn', 'pd_checksum', 'pd_flags'],
    );
    assert.isAbove(rangesTotal, 20);
  });

  test('names every differing byte, on any two pages', ({ assert }) => {
    const page = fc.constantFrom(
      heapPage(),
      btreeLeaf(),
      Buffer.alloc(8192),
      Buffer.alloc(8192, 0xff),
      buildPage({
        special: btreeSpecial(1, 2, 0, 1),
        tuples: [{ bytes: indexTuple(1, 1, Buffer.alloc(8)) }],
      }),
    );
    const patches = fc.array(fc.tuple(fc.nat(8191), fc.nat(255)), { maxLength: 10 });
    fc.assert(
      fc.property(
        page,
        page,
        patches,
        fc.constantFrom<PageKind>('heap', 'btree', 'other'),
        (one, two, changes, kind) => {
          const actual = Buffer.from(two);
          for (const [at, value] of changes) actual[at] = value;
          const difference = diffPages(one, actual, kind, Infinity);
          assert.equal(difference.class === 'identical', one.equals(actual));
          const named = new Set<number>();
          for (const { offset, length } of difference.ranges) {
            for (let at = offset; at < offset + length; at++) named.add(at);
          }
          for (let at = 0; at < 8192; at++) {
            if (one[at] !== actual[at] && !named.has(at)) assert.fail(`byte ${at}`);
          }
        },
      ),
    );
  });

  test('refuses what is no page', ({ assert }) => {
    assert.equal(
      thrownBy(() => diffPages(Buffer.alloc(8191), Buffer.alloc(8192), 'heap')).code,
      'page-size-invalid',
    );
    assert.equal(
      thrownBy(() => diffPages(Buffer.alloc(8192), Buffer.alloc(16_384), 'heap')).code,
      'page-size-invalid',
    );
  });
});
