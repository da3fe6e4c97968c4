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
