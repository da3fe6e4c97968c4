import { test } from '@japa/runner';

import { explainPage } from '../../harness/page/explain.ts';
import type { ExplainedField, ExplainedPage } from '../../harness/page/explain.ts';
import { explainedLines } from '../../harness/page/explain-text.ts';
import { guessPageKind, pageKindOf, pageKinds } from '../../harness/page/kind.ts';
import type { PageKind } from '../../harness/page/kind.ts';
import { thrownBy } from '../support/thrown.ts';
import {
  btreeLeaf,
  btreeSpecial,
  buildPage,
  heapPage,
  heapTuple,
  indexTuple,
  postingTuple,
} from './page-builder.ts';

function allFields(page: ExplainedPage): readonly ExplainedField[] {
  const { header, items, content, special } = page;
  return [...header, ...items.flatMap(({ fields }) => fields), ...content, ...special];
}

function value(page: Buffer, kind: PageKind, name: string): string | null | undefined {
  return allFields(explainPage(page, kind)).find((one) => one.name === name)?.value;
}

function special(...halfWords: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * halfWords.length);
  halfWords.forEach((one, index) => bytes.writeUInt16LE(one, 2 * index));
  return bytes;
}

/** Pages of any bytes: noise, and noise with the bounds of a page. */
function* noise(count: number): Generator<Buffer> {
  let state = 7;
  for (let round = 0; round < count; round++) {
    const page = Buffer.alloc(8192);
    for (let at = 0; at < 8192; at += 4) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      page.writeInt32LE(state, at);
    }
    if (round % 2 === 0) {
      page.writeUInt16LE(24 + (round % 50) * 4, 12);
      page.writeUInt16LE(7000, 14);
      page.writeUInt16LE([8192, 8184, 8176][round % 3]!, 16);
    }
    yield page;
  }
}

/** The explained lines of a btree page that has one text as its key, without their indentation. */
function linesOf(word: string): readonly string[] {
  const text = Buffer.from(word);
  const key = Buffer.concat([Buffer.from([2 * (text.length + 1) + 1]), text]);
  const page = buildPage({
    tuples: [{ bytes: indexTuple(9, 1, Buffer.concat([key, Buffer.alloc(-key.length & 7)])) }],
    special: btreeSpecial(0, 0, 0, 1),
  });
  return explainedLines(explainPage(page, 'btree'), { all: true }).map((line) => line.trimStart());
}

test.group('explainPage', () => {
  test('puts each byte into one field, whatever the bytes', ({ assert }) => {
    const pages = [heapPage(), btreeLeaf(), Buffer.alloc(8192), ...noise(12)];
    for (const page of pages) {
      for (const kind of pageKinds) {
        const fields = allFields(explainPage(page, kind)).toSorted((a, b) => a.offset - b.offset);
        assert.equal(fields.map(({ bytes }) => bytes).join(''), page.toString('hex'), kind);
      }
    }
  });

  test('names the values of a header', ({ assert }) => {
    const page = heapPage({ lsn: 0x1a_0000_beefn, checksum: 0x12, flags: 0x5, pruneXid: 77 });
    const { header } = explainPage(page, 'heap');
    assert.deepEqual(
      header.map((one) => [one.name, one.value]),
      [
        ['pd_lsn', '1A/BEEF'],
        ['pd_checksum', '0x0012'],
        ['pd_flags', 'PD_HAS_FREE_LINES PD_ALL_VISIBLE'],
        ['pd_lower', '36'],
        ['pd_upper', '8096'],
        ['pd_special', '8192'],
        ['pd_pagesize_version', 'size 8192, version 4'],
        ['pd_prune_xid', '77'],
      ],
    );
  });

  test('names the values of a heap tuple', ({ assert }) => {
    const bytes = heapTuple({
      xmin: 700,
      xmax: 701,
      infomask: 0x2b50,
      infomask2: 0x8003,
      bitmap: Buffer.of(0x05),
      data: Buffer.from('some words'),
    });
    bytes.writeUInt16LE(1, 12);
    bytes.writeUInt16LE(2, 14);
    bytes.writeUInt16LE(3, 16);
    const page = buildPage({ tuples: [{ bytes }, { bytes: Buffer.alloc(0), flags: 2 }] });
    const [item, redirect] = explainPage(page, 'heap').items;
    assert.deepInclude(redirect, { number: 2, state: 'redirect' });
    assert.deepEqual(Object.fromEntries(item!.fields.map((one) => [one.name, one.value])), {
      pd_linp: 'lp_off 8152, LP_NORMAL, lp_len 34',
      t_xmin: '700',
      t_xmax: '701',
      't_field3 (t_cid)': '0',
      t_ctid: '(65538,3)',
      t_infomask2: '3 attributes HEAP_ONLY_TUPLE',
      t_infomask: 'HEAP_HASNULL HEAP_XMAX_SHR_LOCK HEAP_XMIN_FROZEN HEAP_XMAX_INVALID HEAP_UPDATED',
      t_hoff: '24',
      t_bits: '10100000',
      data: '"some words"',
      padding: null,
    });
  });

  test('says what a t_ctid is that is no pointer', ({ assert }) => {
    for (const [offsetNumber, words] of [
      [0xfffe, 'speculative insertion 9'],
      [0xfffd, 'moved to another partition'],
      [5, '(9,5)'],
    ] as const) {
      const bytes = heapTuple({ data: Buffer.from('x') });
      bytes.writeUInt16LE(9, 14);
      bytes.writeUInt16LE(offsetNumber, 16);
      assert.equal(value(buildPage({ tuples: [{ bytes }] }), 'heap', 't_ctid'), words);
    }
  });

  test('tells pointers, pivots and posting lists of a btree', ({ assert }) => {
    const leaf = btreeSpecial(0, 0, 0, 0x41, 3);
    const posting = buildPage({
      special: leaf,
      tuples: [{ bytes: postingTuple(Buffer.from('key12345'), 2) }],
    });
    assert.equal(value(posting, 'btree', 't_tid'), 'posting list of 2, 16 bytes from here');
    assert.equal(value(posting, 'btree', 'posting[1]'), '(286331153,4369)');
    assert.equal(value(posting, 'btree', 't_info'), 'size 28 INDEX_AM_RESERVED_BIT');
    assert.equal(value(posting, 'btree', 'btpo_flags'), 'BTP_LEAF BTP_HAS_GARBAGE');
    const pivot = indexTuple(8, 0x1002, Buffer.from('key12345'), 0x2000);
    const inner = buildPage({ special: btreeSpecial(0, 0, 1, 0), tuples: [{ bytes: pivot }] });
    assert.equal(value(inner, 'btree', 't_tid'), 'pivot: downlink 8, 2 attributes and heap TID');
    assert.equal(value(btreeLeaf(), 'btree', 't_tid'), '(9,1)');
  });

  test('tells what a GIN leaf points at', ({ assert }) => {
    const leaf = special(1, 0, 0, 0x02);
    const pointer = (block: number, count: number, flags = leaf): string | null | undefined => {
      const bytes = indexTuple(block, count, Buffer.from('key12345'));
      return value(buildPage({ special: flags, tuples: [{ bytes }] }), 'gin', 't_tid');
    };
    assert.equal(pointer(0x8000_0010, 3), 'compressed posting list of 3, 16 bytes from here');
    assert.equal(pointer(16, 3), 'posting list of 3, 16 bytes from here');
    assert.equal(pointer(77, 0xffff), 'posting tree, root block 77');
    assert.equal(pointer(77, 2, special(1, 0, 0, 0x12)), '(77,2)');
    assert.equal(pointer(77, 2, special(1, 0, 0, 0)), '(77,2)');
  });

  test('reads t_info of SP-GiST leaves as the chain that it is', ({ assert }) => {
    const bytes = Buffer.alloc(32);
    bytes.writeUInt32LE(32 << 2, 0);
    bytes.writeUInt16LE(0x8000 | 75, 4);
    const page = buildPage({ special: special(4, 0, 0, 0xff82), tuples: [{ bytes }] });
    assert.equal(value(page, 'spgist', 't_info'), 'nextOffset 75 INDEX_NULL_MASK');
    assert.equal(value(page, 'spgist', 'tupstate, size'), 'SPGIST_LIVE, size 32');
  });

  test('names the flags of every kind of page', ({ assert }) => {
    const cases: readonly (readonly [PageKind, Buffer, string, string])[] = [
      [
        'hash',
        special(0, 0, 0xffff, 0xffff, 1, 0, 0x82, 0xff80),
        'hasho_flag',
        'LH_BUCKET_PAGE LH_PAGE_HAS_DEAD_TUPLES',
      ],
      ['hash', special(0, 0, 0xffff, 0xffff, 1, 0, 0x82, 0xff80), 'hasho_nextblkno', 'InvalidBlockNumber'],
      ['gin', special(7, 0, 3, 0x83), 'flags', 'GIN_DATA GIN_LEAF GIN_COMPRESSED'],
      ['gin', special(7, 0, 3, 0x83), 'rightlink', '7'],
      ['gist', special(1, 0, 2, 0, 9, 0, 0x109, 0xff81), 'flags', 'F_LEAF F_FOLLOW_RIGHT 0x100'],
      ['gist', special(1, 0, 2, 0, 9, 0, 0x109, 0xff81), 'nsn', '1/2'],
      ['spgist', special(0x0c, 1, 2, 0xff82), 'flags', 'SPGIST_LEAF SPGIST_NULLS'],
      ['brin', special(0, 0, 1, 0xf092), 'BrinPageFlags', 'BRIN_EVACUATE_PAGE'],
      ['brin', special(0, 0, 1, 0xf092), 'BrinPageType', 'BRIN_PAGETYPE_REVMAP'],
      ['sequence', special(0x1717, 0, 0, 0), 'magic', '0x00001717'],
    ];
    for (const [kind, bytes, name, expected] of cases) {
      assert.equal(value(buildPage({ special: bytes }), kind, name), expected, `${kind} ${name}`);
    }
  });

  test('says which heap blocks are visible and frozen', ({ assert }) => {
    const page = buildPage({ content: Buffer.of(0b10_11_01_00) });
    assert.equal(
      value(page, 'visibility-map', 'bits of heap blocks +0..+3'),
      '-, visible, frozen, frozen alone',
    );
  });

  test('a page of bloom is one of the standard form, with free space', ({ assert }) => {
    const page = buildPage({
      special: special(3, 0, 0, 0xff83),
      lower: 100,
      content: Buffer.from('signatures'),
    });
    assert.equal(guessPageKind(page), 'generic');
    const { content } = explainPage(page, 'generic');
    assert.deepEqual(
      content.map(({ name, offset, length }) => [name, offset, length]),
      [
        ['content', 24, 76],
        ['free space', 100, 8084],
      ],
    );
  });

  test('a new page is told, a short one refused', ({ assert }) => {
    assert.isTrue(explainPage(Buffer.alloc(8192), 'other').isNew);
    assert.equal(thrownBy(() => explainPage(Buffer.alloc(8000), 'heap')).code, 'page-size-invalid');
  });
});

test.group('explainedLines', () => {
  test('shows a page in columns', ({ assert }) => {
    const lines = explainedLines(explainPage(heapPage({}, ['only one']), 'heap'), { all: false });
    assert.deepEqual(lines.slice(0, 4), [
      'heap page',
      '  byte  size  field                             bytes             value',
      'header',
      '     0     8  pd_lsn                            1200000090785634  12/34567890',
    ]);
    assert.includeMembers(
      [...lines],
      [
        'items: 1',
        '  item 1  normal 32 bytes at 8160',
        '  8184     8  data                              6f6e6c79206f6e65  "only one"',
        'between',
        '    28  8132  free space                        00000000000000..  all zero',
      ],
    );
  });

  test('leaves out what is too much, and says so; --all shows it', ({ assert }) => {
    const page = explainPage(
      heapPage(
        {},
        Array.from({ length: 90 }, (_, n) => `row ${n}`),
      ),
      'heap',
    );
    const some = explainedLines(page, { all: false });
    const everything = explainedLines(page, { all: true });
    assert.include(some, '  ... 78 more items; --all shows them');
    assert.isBelow(some.length, 200);
    assert.equal(everything.filter((line) => line.startsWith('  item ')).length, 90);
    const map = explainPage(buildPage({ content: Buffer.alloc(300, 0x55) }), 'visibility-map');
    assert.include(explainedLines(map, { all: false }).join('\n'), 'more fields; --all shows them');
    assert.isAbove(explainedLines(map, { all: true }).length, 8000);
  });

  test('the code points of a key stand below it, the first of many', ({ assert }) => {
    const short = linesOf('Zoë');
    const at = short.findIndex((line) => line.endsWith('"Zoë"'));
    assert.equal(short[at + 1], 'U+005A U+006F U+00EB');
    const long = linesOf('x'.repeat(100));
    assert.lengthOf(
      long.filter((line) => /^(U\+0078 ?)+$/.test(line)),
      3,
    );
    assert.include(long, '..');
  });

  test('no line is wider than 108 columns, whatever the page', ({ assert }) => {
    for (const page of [heapPage(), btreeLeaf(), ...noise(6)]) {
      for (const kind of pageKinds) {
        for (const all of [false, true]) {
          const wide = explainedLines(explainPage(page, kind), { all }).find((line) => line.length > 108);
          assert.isUndefined(wide);
        }
      }
    }
  });
});

test.group('pageKindOf', () => {
  test('goes by the fork, then by the catalog, then by the page', ({ assert }) => {
    assert.equal(pageKindOf('heap', 2, heapPage()), 'visibility-map');
    assert.equal(pageKindOf('btree', 1, heapPage()), 'free-space-map');
    assert.equal(pageKindOf('toast', 0, btreeLeaf()), 'heap');
    assert.equal(pageKindOf('brin', 0, heapPage()), 'brin');
    assert.equal(pageKindOf('materialized view', 0, btreeLeaf()), 'btree');
    assert.equal(pageKindOf(undefined, 3, btreeLeaf()), 'btree');
  });
});
