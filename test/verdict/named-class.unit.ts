import { test } from '@japa/runner';

import { diffPages } from '../../harness/page/diff.ts';
import { namedClassOf, sumNamed, type NamedClass } from '../../harness/verdict/named-class.ts';
import { buildPage } from '../page/page-builder.ts';

const page = buildPage({ content: Buffer.alloc(100, 1) });

/** The class of the difference that changing those bytes makes on a page of that kind. */
function classAfter(
  kind: 'heap' | 'visibility-map' | 'btree' | 'free-space-map',
  ...offsets: readonly number[]
): NamedClass | undefined {
  const changed = Buffer.from(page);
  for (const offset of offsets) changed[offset] = (changed[offset] ?? 0) ^ 0xff;
  return namedClassOf(kind, diffPages(page, changed, kind));
}

test.group('named classes', () => {
  test('are the page LSN alone, of a heap page or of the visibility map', ({ assert }) => {
    for (let offset = 0; offset < 8; offset++) {
      assert.equal(classAfter('heap', offset), 'heap-lsn-only');
      assert.equal(classAfter('visibility-map', offset), 'vm-lsn-only');
      assert.isUndefined(classAfter('btree', offset));
      assert.isUndefined(classAfter('free-space-map', offset));
    }
  });

  test('are F_TUPLES_DELETED alone, of a GiST page', ({ assert }) => {
    const special = Buffer.alloc(16);
    special.writeUInt16LE(0x0005, 12);
    special.writeUInt16LE(0xff81, 14);
    const marked = buildPage({ special, tuples: [{ bytes: Buffer.alloc(24, 1) }] });
    const flags = marked.length - 4;
    const gistClass = (change: (page: Buffer) => void): NamedClass | undefined => {
      const changed = Buffer.from(marked);
      change(changed);
      assert.equal(
        namedClassOf('gist', diffPages(changed, marked, 'gist')),
        namedClassOf('gist', diffPages(marked, changed, 'gist')),
      );
      return namedClassOf('gist', diffPages(marked, changed, 'gist'));
    };
    assert.equal(
      gistClass((page) => page.writeUInt16LE(0x0001, flags)),
      'gist-tuples-deleted',
    );
    for (let bit = 0; bit < 16; bit++) {
      if (bit === 2) continue;
      assert.isUndefined(
        gistClass((page) => page.writeUInt16LE(0x0005 ^ (1 << bit), flags)),
        `bit ${String(bit)}`,
      );
      assert.isUndefined(
        gistClass((page) => page.writeUInt16LE(0x0001 ^ (1 << bit), flags)),
        `and ${String(bit)}`,
      );
    }
    for (let offset = 0; offset < marked.length; offset += offset < 128 ? 1 : 61) {
      if (offset === flags || offset === flags + 1) continue;
      const also = gistClass((page) => {
        page.writeUInt16LE(0x0001, flags);
        page[offset] = (page[offset] ?? 0) ^ 0xff;
      });
      assert.isUndefined(also, String(offset));
    }
  });

  test('excuse no other byte, with or without the LSN', ({ assert }) => {
    for (let offset = 8; offset < page.length; offset += offset < 128 ? 1 : 61) {
      for (const kind of ['heap', 'visibility-map'] as const) {
        assert.isUndefined(classAfter(kind, offset), `${kind} ${String(offset)}`);
        assert.isUndefined(classAfter(kind, 4, offset), `${kind} 4 and ${String(offset)}`);
      }
    }
  });

  test('are summed in a stable order, without those that have no page', ({ assert }) => {
    const sum = sumNamed([{ 'heap-lsn-only': 2 }, {}, { 'vm-lsn-only': 1, 'heap-lsn-only': 3 }]);
    assert.equal(JSON.stringify(sum), '{"vm-lsn-only":1,"heap-lsn-only":5}');
    assert.deepEqual(sumNamed([{}, {}]), {});
  });
});
