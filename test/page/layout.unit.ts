import { test } from '@japa/runner';
import * as fc from 'fast-check';

import type { PageKind } from '../../harness/page/kind.ts';
import { field, layoutOf } from '../../harness/page/layout.ts';
import { layouts } from '../../harness/page/layouts.ts';
import {
  btreeLeaf,
  btreeSpecial,
  buildPage,
  heapPage,
  heapTuple,
  indexTuple,
  postingTuple,
} from './page-builder.ts';

/** One page of each state that decides how other indexes are laid out. */
function otherIndexPages(): readonly Buffer[] {
  const tuples = [{ bytes: Buffer.alloc(40, 0x21) }, { bytes: Buffer.alloc(16, 0x18) }];
  const specials = [0x01, 0x02, 0x04, 0x08, 0x83].flatMap((flags) => [
    Buffer.concat([Buffer.alloc(12), Buffer.of(flags, 0, 0x80, 0xff)]),
    Buffer.concat([Buffer.alloc(12), Buffer.of(flags, 0, 0x81, 0xff)]),
    Buffer.of(0, 0, 0, 0, 9, 0, flags, 0),
    Buffer.of(flags, 0, 0, 0, 0, 0, 0x82, 0xff),
  ]);
  const brin = [0x91, 0x92, 0x93].map((type) => Buffer.of(0, 0, 0, 0, 0, 0, type, 0xf0));
  return [...specials, ...brin].map((special) => buildPage({ special, tuples }));
}

const kinds = Object.keys(layouts) as readonly PageKind[];

/** The layout as text, one "offset+length name" a field. */
function text(page: Buffer, kind: PageKind, from = 24): readonly string[] {
  return layoutOf(page, kind)
    .filter((one) => one.offset >= from)
    .map((one) => `${one.offset}+${one.length} ${one.name}`);
}

/** What is wrong with a layout as a cover of the page, or undefined. */
function gapOf(page: Buffer, kind: PageKind): string | undefined {
  let at = 0;
  for (const one of layoutOf(page, kind)) {
    if (one.offset !== at || one.length < 1) return `${one.name} at ${one.offset}, wanted ${at}`;
    at += one.length;
  }
  return at === 8192 ? undefined : `ends at ${at}`;
}

test.group('layoutOf', () => {
  test('the header, of every kind', ({ assert }) => {
    for (const kind of kinds) {
      const names = layoutOf(heapPage(), kind)
        .slice(0, 8)
        .map((one) => `${one.offset} ${one.name}`);
      assert.deepEqual(names, [
        '0 pd_lsn',
        '8 pd_checksum',
        '10 pd_flags',
        '12 pd_lower',
        '14 pd_upper',
        '16 pd_special',
        '18 pd_pagesize_version',
        '20 pd_prune_xid',
      ]);
    }
  });

  test('heap tuples with and without a null bitmap', ({ assert }) => {
    const page = buildPage({
      tuples: [
        { bytes: heapTuple({ data: Buffer.from('12345') }) },
        { bytes: heapTuple({ infomask2: 9, bitmap: Buffer.of(0xff, 1), data: Buffer.from('x') }) },
        { bytes: Buffer.alloc(0), flags: 2 },
      ],
    });
    assert.deepEqual(text(page, 'heap'), [
      '24+4 pd_linp of item 1',
      '28+4 pd_linp of item 2',
      '32+4 pd_linp of item 3',
      '36+8084 free space',
      '8120+4 t_xmin of item 2',
      '8124+4 t_xmax of item 2',
      '8128+4 t_field3 (t_cid) of item 2',
      '8132+6 t_ctid of item 2',
      '8138+2 t_infomask2 of item 2',
      '8140+2 t_infomask of item 2',
      '8142+1 t_hoff of item 2',
      '8143+2 t_bits of item 2',
      '8145+7 header padding of item 2',
      '8152+1 data of item 2',
      '8153+7 padding after item 2',
      '8160+4 t_xmin of item 1',
      '8164+4 t_xmax of item 1',
      '8168+4 t_field3 (t_cid) of item 1',
      '8172+6 t_ctid of item 1',
      '8178+2 t_infomask2 of item 1',
      '8180+2 t_infomask of item 1',
      '8182+1 t_hoff of item 1',
      '8183+1 header padding of item 1',
      '8184+5 data of item 1',
      '8189+3 padding after item 1',
    ]);
  });

  test('btree leaves: high key, nulls, posting lists, special space', ({ assert }) => {
    const page = buildPage({
      special: btreeSpecial(3, 5, 0, 1),
      tuples: [
        { bytes: indexTuple(9, 1, Buffer.alloc(8, 1)) },
        { bytes: indexTuple(9, 2, Buffer.alloc(16, 2), 0x8000) },
        { bytes: postingTuple(Buffer.alloc(8, 3), 2) },
      ],
    });
    assert.deepEqual(text(page, 'btree'), [
      '24+4 pd_linp of item 1',
      '28+4 pd_linp of item 2',
      '32+4 pd_linp of item 3',
      '36+8068 free space',
      '8104+6 t_tid of item 3',
      '8110+2 t_info of item 3',
      '8112+8 key of item 3',
      '8120+6 posting[0] of item 3',
      '8126+6 posting[1] of item 3',
      '8132+4 padding after item 3',
      '8136+6 t_tid of item 2',
      '8142+2 t_info of item 2',
      '8144+4 null bitmap of item 2',
      '8148+4 header padding of item 2',
      '8152+8 key of item 2',
      '8160+6 t_tid of item 1 (high key)',
      '8166+2 t_info of item 1 (high key)',
      '8168+8 key of item 1 (high key)',
      '8176+4 btpo_prev',
      '8180+4 btpo_next',
      '8184+4 btpo_level',
      '8188+2 btpo_flags',
      '8190+2 btpo_cycleid',
    ]);
    assert.notInclude(
      text(
        buildPage({
          special: btreeSpecial(3, 0, 0, 1),
          tuples: [{ bytes: indexTuple(9, 1, Buffer.alloc(8)) }],
        }),
        'btree',
      ).join(),
      'high key',
    );
  });

  test('btree tuples that end with heap pointers', ({ assert }) => {
    const padded = Buffer.concat([postingTuple(Buffer.alloc(8, 3), 2), Buffer.alloc(4)]);
    const pivot = indexTuple(7, 0x1000 | 1, Buffer.alloc(16, 4), 0x2000);
    const broken = indexTuple(9000, 0x2000 | 5, Buffer.alloc(8, 5), 0x2000);
    const page = buildPage({
      special: btreeSpecial(0, 0, 1, 0),
      tuples: [{ bytes: padded }, { bytes: pivot }, { bytes: broken }],
    });
    assert.deepEqual(text(page, 'btree', 8104).slice(0, 13), [
      '8104+6 t_tid of item 3',
      '8110+2 t_info of item 3',
      '8112+8 key of item 3',
      '8120+6 t_tid of item 2',
      '8126+2 t_info of item 2',
      '8128+8 key of item 2',
      '8136+2 tuple padding of item 2',
      '8138+6 heap TID of item 2',
      '8144+6 t_tid of item 1',
      '8150+2 t_info of item 1',
      '8152+8 key of item 1',
      '8160+6 posting[0] of item 1',
      '8166+6 posting[1] of item 1',
    ]);
    assert.include(text(page, 'btree', 8104), '8172+4 tuple padding of item 1');
  });

  test('btree meta and deleted pages', ({ assert }) => {
    const meta = buildPage({ special: btreeSpecial(0, 0, 0, 8), lower: 72 });
    assert.deepEqual(text(meta, 'btree').slice(0, 12), [
      '24+4 btm_magic',
      '28+4 btm_version',
      '32+4 btm_root',
      '36+4 btm_level',
      '40+4 btm_fastroot',
      '44+4 btm_fastlevel',
      '48+4 btm_last_cleanup_num_delpages',
      '52+4 padding of BTMetaPageData',
      '56+8 btm_last_cleanup_num_heap_tuples',
      '64+1 btm_allequalimage',
      '65+7 padding of BTMetaPageData',
      '72+8104 free space',
    ]);
    const deleted = buildPage({ special: btreeSpecial(1, 2, 0, 0x105), lower: 32 });
    assert.deepEqual(text(deleted, 'btree').slice(0, 3), [
      '24+8 safexid',
      '32+8144 free space',
      '8176+4 btpo_prev',
    ]);
  });

  test('sequences', ({ assert }) => {
    const magic = Buffer.of(0x17, 0x17, 0, 0, 0, 0, 0, 0);
    const page = buildPage({ special: magic, tuples: [{ bytes: heapTuple({ data: Buffer.alloc(17, 1) }) }] });
    assert.deepEqual(text(page, 'sequence', 8160), [
      '8160+8 last_value of item 1',
      '8168+8 log_cnt of item 1',
      '8176+1 is_called of item 1',
      '8177+7 padding after item 1',
      '8184+4 magic',
      '8188+4 special space',
    ]);
  });

  test('maps', ({ assert }) => {
    const page = buildPage({ content: Buffer.alloc(8168, 0x55) });
    assert.equal(text(page, 'visibility-map')[0], '24+1 bits of heap blocks +0..+3');
    assert.equal(text(page, 'visibility-map').at(-1), '8191+1 bits of heap blocks +32668..+32671');
    assert.deepEqual(text(page, 'free-space-map').slice(0, 2), ['24+4 fp_next_slot', '28+1 fp_nodes[0]']);
    assert.equal(text(page, 'free-space-map').at(-1), '8191+1 fp_nodes[8163]');
  });

  test('new pages and pages of no known kind', ({ assert }) => {
    assert.deepEqual(text(Buffer.alloc(8192), 'heap'), ['24+8168 new page']);
    assert.deepEqual(text(buildPage({ special: Buffer.alloc(8), lower: 100 }), 'other'), [
      '24+8160 content',
      '8184+8 special space',
    ]);
  });

  test('finds the field that holds a byte', ({ assert }) => {
    assert.deepEqual(field(heapPage(), 'heap', 9), { offset: 8, length: 2, name: 'pd_checksum' });
    assert.equal(field(heapPage(), 'heap', 8191)?.name, 'padding after item 1');
    assert.isUndefined(field(heapPage(), 'heap', 8192));
  });

  test('covers any bytes whatever, as any kind, without gap or failure', ({ assert }) => {
    const start = fc.constantFrom(
      heapPage(),
      btreeLeaf(),
      ...otherIndexPages(),
      Buffer.alloc(8192, 0xff),
      Buffer.alloc(8192, 0x7f),
    );
    const patches = fc.array(
      fc.tuple(
        fc.oneof(fc.nat(60), fc.integer({ min: 8100, max: 8184 }), fc.nat(8184)),
        fc.uint8Array({ minLength: 1, maxLength: 8 }),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(start, patches, fc.constantFrom(...kinds), (original, changes, kind) => {
        const page = Buffer.from(original);
        for (const [at, bytes] of changes) page.set(bytes, at);
        const gap = gapOf(page, kind);
        if (gap !== undefined) assert.fail(gap);
      }),
      { numRuns: 1000 },
    );
  });
});
