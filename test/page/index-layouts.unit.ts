import { test } from '@japa/runner';

import { diffPages } from '../../harness/page/diff.ts';
import type { PageKind } from '../../harness/page/kind.ts';
import { layoutOf } from '../../harness/page/layout.ts';
import { buildPage, indexTuple } from './page-builder.ts';

/** Special space that ends with an access method's page id, flags at `flagsAt`. */
function special(size: number, flagsAt: number, flags: number, pageId: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUInt16LE(pageId, size - 2);
  bytes.writeUInt16LE(flags, flagsAt);
  return bytes;
}

const hash = (flags: number): Buffer => special(16, 12, flags, 0xff80);
const gist = (flags: number): Buffer => special(16, 12, flags, 0xff81);
const spgist = (flags: number): Buffer => special(8, 0, flags, 0xff82);
const gin = (flags: number): Buffer => special(8, 6, flags, flags);
const brin = (type: number): Buffer => special(8, 4, 0, type);

/** The first labels behind the page header, as "offset+length name". */
function text(page: Buffer, kind: PageKind, from = 24, count = 99): readonly string[] {
  return layoutOf(page, kind)
    .filter((one) => one.offset >= from)
    .slice(0, count)
    .map((one) => `${one.offset}+${one.length} ${one.name}`);
}

test.group('layouts of SP-GiST', () => {
  test('inner tuples: header, prefix, nodes', ({ assert }) => {
    const header = Buffer.alloc(8);
    header.writeUInt32LE((2 << 3) | (8 << 16), 0);
    const node = indexTuple(4, 1, Buffer.alloc(8, 0x6e));
    const inner = Buffer.concat([header, Buffer.alloc(8, 0x70), node, node]);
    const page = buildPage({ special: spgist(0), tuples: [{ bytes: inner }] });
    assert.deepEqual(text(page, 'spgist', 8136), [
      '8136+4 tupstate, allTheSame, nNodes, prefixSize of item 1',
      '8140+2 size of item 1',
      '8142+2 header padding of item 1',
      '8144+8 prefix of item 1',
      '8152+6 t_tid of node 0 of item 1',
      '8158+2 t_info of node 0 of item 1',
      '8160+8 label of node 0 of item 1',
      '8168+6 t_tid of node 1 of item 1',
      '8174+2 t_info of node 1 of item 1',
      '8176+8 label of node 1 of item 1',
      '8184+2 flags',
      '8186+2 nRedirection',
      '8188+2 nPlaceholder',
      '8190+2 spgist_page_id',
    ]);
  });

  test('leaf tuples, with and without nulls, and dead ones', ({ assert }) => {
    const leaf = Buffer.alloc(24);
    const withNulls = Buffer.from(leaf);
    withNulls.writeUInt16LE(0x8000, 4);
    const dead = Buffer.alloc(16, 0);
    dead[0] = 1;
    const page = buildPage({
      special: spgist(4),
      tuples: [leaf, withNulls, dead].map((bytes) => ({ bytes })),
    });
    assert.deepEqual(text(page, 'spgist', 8120, 15), [
      '8120+4 tupstate, size of item 3',
      '8124+2 t_info of item 3',
      '8126+6 pointer of item 3',
      '8132+4 xid of item 3',
      '8136+4 tupstate, size of item 2',
      '8140+2 t_info of item 2',
      '8142+6 heapPtr of item 2',
      '8148+4 null bitmap of item 2',
      '8152+8 datum of item 2',
      '8160+4 tupstate, size of item 1',
      '8164+2 t_info of item 1',
      '8166+6 heapPtr of item 1',
      '8172+4 header padding of item 1',
      '8176+8 datum of item 1',
      '8184+2 flags',
    ]);
  });

  test('the meta page', ({ assert }) => {
    const page = buildPage({ special: spgist(1), lower: 92 });
    assert.deepEqual(text(page, 'spgist', 24, 3), [
      '24+4 magicNumber',
      '28+4 lastUsedPages[0].blkno',
      '32+4 lastUsedPages[0].freeSpace',
    ]);
    assert.include(text(page, 'spgist'), '92+8092 free space');
  });
});

test.group('layouts of other indexes', () => {
  test('GIN posting trees and entries with posting lists', ({ assert }) => {
    const lists = Buffer.alloc(8 + 8 + 6 + 8 + 4);
    lists.writeUInt16LE(5, 8 + 6);
    lists.writeUInt16LE(4, 8 + 14 + 6);
    const leaf = buildPage({ special: gin(0x83), lower: 24 + 34, content: lists });
    assert.deepEqual(text(leaf, 'gin', 24, 10), [
      '24+6 right bound',
      '30+2 padding of the right bound',
      '32+6 first of posting list 1',
      '38+2 nbytes of posting list 1',
      '40+5 bytes of posting list 1',
      '45+1 padding of posting list 1',
      '46+6 first of posting list 2',
      '52+2 nbytes of posting list 2',
      '54+4 bytes of posting list 2',
      '58+8126 free space',
    ]);
    const inner = gin(0x01);
    inner.writeUInt16LE(2, 4);
    assert.deepEqual(text(buildPage({ special: inner, lower: 52 }), 'gin', 32, 5), [
      '32+4 child_blkno of posting item 1',
      '36+6 key of posting item 1',
      '42+4 child_blkno of posting item 2',
      '46+6 key of posting item 2',
      '52+8132 free space',
    ]);
    const entry = indexTuple(0x8000_0010, 3, Buffer.alloc(24, 1));
    const entries = buildPage({ special: gin(0x02), tuples: [{ bytes: entry }] });
    assert.deepEqual(text(entries, 'gin', 8152, 4), [
      '8152+6 t_tid of item 1',
      '8158+2 t_info of item 1',
      '8160+8 key of item 1',
      '8168+16 posting list of item 1',
    ]);
  });

  test('hash bitmaps, BRIN range maps and summaries, deleted GiST pages', ({ assert }) => {
    const bitmap = buildPage({ special: hash(4), lower: 32 });
    assert.deepEqual(text(bitmap, 'hash', 24, 3), [
      '24+4 bitmap word 0',
      '28+4 bitmap word 1',
      '32+8144 free space',
    ]);
    const map = buildPage({ special: brin(0xf092) });
    assert.deepEqual(text(map, 'brin', 24, 2), ['24+6 rm_tids[0]', '30+6 rm_tids[1]']);
    assert.notInclude(text(map, 'brin').join(), 'free space');
    const summary = Buffer.of(0, 0, 0, 0, 0x88, 1, 0, 0, 7, 7, 7, 7);
    assert.deepEqual(
      text(buildPage({ special: brin(0xf093), tuples: [{ bytes: summary }] }), 'brin', 8168, 4),
      [
        '8168+4 bt_blkno of item 1',
        '8172+1 bt_info of item 1',
        '8173+3 null bits and padding of item 1',
        '8176+4 values of item 1',
      ],
    );
    assert.include(text(buildPage({ special: gist(3), lower: 32 }), 'gist'), '24+8 deleteXid');
  });
});

test.group('differences on other indexes', () => {
  const tuples = [
    { bytes: indexTuple(1, 1, Buffer.alloc(8, 1)) },
    { bytes: indexTuple(1, 2, Buffer.alloc(8, 2)) },
  ];
  const cases: readonly (readonly [string, PageKind, Buffer, number, number, string])[] = [
    ['LH_PAGE_HAS_DEAD_TUPLES', 'hash', hash(2), 8188, 0x80, 'hint-bits-only'],
    ['another hash flag', 'hash', hash(2), 8188, 0x10, 'content'],
    ['a dead mark in a bucket', 'hash', hash(2), 26, 1, 'hint-bits-only'],
    ['F_HAS_GARBAGE', 'gist', gist(1), 8188, 0x10, 'hint-bits-only'],
    ['F_HAS_GARBAGE on an inner page', 'gist', gist(0), 8188, 0x10, 'content'],
    ['a dead mark in SP-GiST', 'spgist', spgist(4), 26, 1, 'content'],
    ['free space of a GIN page', 'gin', gin(2), 500, 1, 'free-space-only'],
    ['a place in a range map', 'brin', brin(0xf092), 500, 1, 'content'],
    ['free space of summaries', 'brin', brin(0xf093), 500, 1, 'free-space-only'],
  ];
  for (const [what, kind, bytes, at, bits, expected] of cases) {
    test(what, ({ assert }) => {
      const page = buildPage({ special: bytes, tuples });
      const other = Buffer.from(page);
      other[at]! ^= bits;
      assert.equal(diffPages(page, other, kind).class, expected);
    });
  }
});
