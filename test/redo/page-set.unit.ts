import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { PageSet } from '../../harness/redo/page-set.ts';
import { formatPageKey } from '../../harness/redo/page-key.ts';

const someKey = fc.record({
  spcOid: fc.constantFrom(1663, 1664),
  dbOid: fc.constantFrom(0, 5, 16),
  relNumber: fc.constantFrom(1, 16_385),
  forkNumber: fc.nat(3),
  blockNumber: fc.oneof(fc.nat(40), fc.nat(1_000_000)),
});

test.group('PageSet', () => {
  test('has what was added and nothing else', ({ assert }) => {
    fc.assert(
      fc.property(fc.array(someKey), fc.array(someKey), (added, asked) => {
        const pages = new PageSet();
        for (const key of added) pages.add(key);
        const names = new Set(added.map(formatPageKey));
        for (const key of [...added, ...asked]) assert.equal(pages.has(key), names.has(formatPageKey(key)));
      }),
    );
  });
});
