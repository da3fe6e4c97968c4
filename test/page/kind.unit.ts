import { test } from '@japa/runner';

import { guessPageKind } from '../../harness/page/kind.ts';
import { btreeLeaf, btreeSpecial, buildPage, heapPage } from './page-builder.ts';

/** Special space of 16 bytes that ends with an access method's page id. */
function indexSpecial(pageId: number): Buffer {
  const special = Buffer.alloc(16);
  special.writeUInt16LE(pageId, 14);
  return special;
}

test.group('guessPageKind', () => {
  test('tells pages by their special space', ({ assert }) => {
    assert.equal(guessPageKind(heapPage()), 'heap');
    assert.equal(guessPageKind(btreeLeaf()), 'btree');
    assert.equal(guessPageKind(buildPage({ special: btreeSpecial(0, 0, 0, 8) })), 'btree');
    const sequence = {
      special: Buffer.of(0x17, 0x17, 0, 0, 0, 0, 0, 0),
      tuples: [{ bytes: Buffer.alloc(41) }],
    };
    assert.equal(guessPageKind(buildPage(sequence)), 'sequence');
    assert.equal(guessPageKind(buildPage({ ...sequence, tuples: [] })), 'gin');
    assert.equal(guessPageKind(buildPage({ special: indexSpecial(0xff80) })), 'hash');
    assert.equal(guessPageKind(buildPage({ special: indexSpecial(0xff81) })), 'gist');
    assert.equal(guessPageKind(buildPage({ special: indexSpecial(0xff99) })), 'other');
    for (const [pageId, kind] of [
      [0xff82, 'spgist'],
      [0xf091, 'brin'],
      [0xf092, 'brin'],
      [0xf093, 'brin'],
      [0x0003, 'gin'],
      [0xff83, 'generic'],
    ] as const) {
      assert.equal(guessPageKind(buildPage({ special: indexSpecial(pageId).subarray(8) })), kind);
    }
    assert.equal(guessPageKind(buildPage({ special: btreeSpecial(0, 0, 0, 0x8000) })), 'other');
  });

  test('tells maps by their content', ({ assert }) => {
    for (const byte of [0x01, 0x03, 0x55, 0xff]) {
      assert.equal(guessPageKind(buildPage({ content: Buffer.of(byte) })), 'visibility-map');
      assert.equal(guessPageKind(buildPage({ content: Buffer.alloc(500, byte) })), 'visibility-map');
      assert.equal(guessPageKind(buildPage({ content: Buffer.alloc(8168, byte) })), 'visibility-map');
    }
    const tree = Buffer.alloc(8168);
    for (let node = 4095 + 17; ; node = (node - 1) >> 1) {
      tree[4 + node] = 200;
      if (node === 0) break;
    }
    assert.equal(guessPageKind(buildPage({ content: tree })), 'free-space-map');
    tree[4] = 201;
    assert.equal(guessPageKind(buildPage({ content: tree })), 'visibility-map');
  });

  test('has no opinion on new and on damaged pages', ({ assert }) => {
    assert.equal(guessPageKind(Buffer.alloc(8192)), 'other');
    assert.equal(guessPageKind(Buffer.alloc(8192, 0xff)), 'other');
    assert.equal(guessPageKind(Buffer.alloc(8192, 0x01)), 'other');
    assert.equal(guessPageKind(buildPage({})), 'heap');
  });
});
