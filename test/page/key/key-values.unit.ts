import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { describeRanges } from '../../../harness/page/describe-difference.ts';
import { diffPages } from '../../../harness/page/diff.ts';
import { explainPage } from '../../../harness/page/explain.ts';
import { explainedLines } from '../../../harness/page/explain-text.ts';
import type { KeyColumn } from '../../../harness/page/key/key-column.ts';
import type { PageKind } from '../../../harness/page/kind.ts';
import { btreeSpecial, buildPage, indexTuple } from '../page-builder.ts';

function column(name: string, type: string, lengthBytes: number, align: KeyColumn['align']): KeyColumn {
  return {
    name,
    type,
    lengthBytes,
    align,
    collation: type === 'text' ? 'sv-x-icu' : null,
    isIncluded: false,
  };
}

const columns = [
  column('id', 'int4', 4, 'i'),
  column('word', 'text', -1, 'i'),
  column('mood', 'mood', 4, 'i'),
];
const hasNulls = 0x8000;

/** 7, 'Zoë', the enum 0x01020304: a header of one byte needs no alignment, the number behind it does. */
const key = Buffer.from('070000000b5a6fc3ab0000000403020100000000', 'hex');

function leaf(tuple: Buffer): Buffer {
  return buildPage({ special: btreeSpecial(0, 0, 0, 1), tuples: [{ bytes: tuple }] });
}

function keyOf(page: Buffer, known: readonly KeyColumn[] = columns) {
  return explainPage(page, 'btree', known).items[0]?.fields.find(({ name }) => name === 'key');
}

test.group('the values of a key', () => {
  test('are told by column, texts with code points and their collation', ({ assert }) => {
    const page = leaf(indexTuple(3, 4, key));
    const field = keyOf(page);
    assert.deepEqual(field?.key, [
      { column: 'id', type: 'int4', collation: null, value: '7' },
      {
        column: 'word',
        type: 'text',
        collation: 'sv-x-icu',
        value: 'Zoë',
        codePoints: ['U+005A', 'U+006F', 'U+00EB'],
      },
      { column: 'mood', type: 'mood', collation: null, value: '0x04030201' },
    ]);
    assert.equal(field?.value, 'id 7, word "Zoë" U+005A U+006F U+00EB, mood 0x04030201');
    const lines = explainedLines(explainPage(page, 'btree', columns), { all: true });
    const at = lines.findIndex((line) => line.includes('  key  '));
    assert.deepEqual(
      lines.slice(at, at + 4).map((line) => line.slice(66)),
      ['id 7', 'word "Zoë"', 'U+005A U+006F U+00EB', 'mood 0x04030201'],
    );
  });

  test('are told of a difference, if both pages have the key in the same place', ({ assert }) => {
    const [expected, actual] = [leaf(indexTuple(3, 4, key)), leaf(indexTuple(3, 4, key))];
    actual[expected.indexOf('ë') + 1] = 0xa9;
    const words = (page: Buffer): unknown =>
      describeRanges(expected, page, 'btree', diffPages(expected, page, 'btree'), columns).map(
        ({ expectedValue, actualValue }) => [expectedValue, actualValue],
      );
    assert.deepEqual(words(actual), [
      [
        'id 7, word "Zoë" U+005A U+006F U+00EB, mood 0x04030201',
        'id 7, word "Zo\u00e9" U+005A U+006F U+00E9, mood 0x04030201',
      ],
    ]);
    const moved = leaf(indexTuple(3, 4, Buffer.concat([key, Buffer.alloc(8)])));
    assert.notInclude(
      JSON.stringify(words(moved)),
      'id 7, word "Zoë" U+005A U+006F U+00EB, mood 0x04030201","id',
    );
  });

  test('leave out what is NULL', ({ assert }) => {
    const bitmap = Buffer.from([0b101, 0, 0, 0, 0, 0, 0, 0]);
    const data = Buffer.from('0700000004030201', 'hex');
    const field = keyOf(leaf(indexTuple(3, 4, Buffer.concat([bitmap, data]), hasNulls)));
    assert.equal(field?.value, 'id 7, word null, mood 0x04030201');
  });

  test('are left to the bytes where these are not made of the columns', ({ assert }) => {
    const broken = [
      leaf(indexTuple(3, 4, Buffer.concat([key, Buffer.alloc(8)]))),
      leaf(indexTuple(3, 4, key.subarray(0, 8))),
      leaf(indexTuple(3, 4, Buffer.from('07000000ff000000', 'hex'))),
    ];
    for (const page of broken) assert.isUndefined(keyOf(page)?.key);
    assert.isUndefined(keyOf(leaf(indexTuple(3, 4, key)), [])?.key);
  });

  test('of any page whatever are told without a fault', () => {
    const kinds = fc.constantFrom<PageKind>('btree', 'gist', 'gin', 'hash', 'spgist', 'brin', 'heap');
    const patches = fc.array(
      fc.tuple(fc.oneof(fc.nat(40), fc.integer({ min: 8100, max: 8191 })), fc.nat(255)),
      {
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(kinds, patches, (kind, changes) => {
        const page = leaf(indexTuple(3, 4, key));
        for (const [at, byte] of changes) page[at] = byte;
        explainPage(page, kind, columns);
      }),
      { numRuns: 500 },
    );
  });
});
