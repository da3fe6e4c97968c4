import { test } from '@japa/runner';

import { MultiXactStatuses } from '../../../harness/redo/pageserver/multixact-statuses.ts';

const none = (): undefined => undefined;

test.group('MultiXactStatuses', () => {
  test('members lie in groups of four, their places by number', ({ assert }) => {
    const statuses = new MultiXactStatuses(none, none);
    statuses.apply({
      kind: 'create',
      multi: 2047,
      offset: 1634,
      members: [
        { xid: 700, status: 1 },
        { xid: 701, status: 5 },
        { xid: 702, status: 3 },
      ],
    });
    const [offsets, nextOffsets] = statuses.changedOffsets();
    assert.equal(offsets?.bytes.readUInt32LE(2047 * 4), 1634);
    assert.deepEqual([nextOffsets?.page, nextOffsets?.bytes.readUInt32LE(0)], [1, 1637]);
    const [members, nextMembers] = statuses.changedMembers();
    // 409 groups of 20 bytes fill a page; 1634 is the third member of the last one.
    const group = 408 * 20;
    assert.deepEqual([...(members?.bytes.subarray(group, group + 4) ?? [])], [0, 0, 1, 5]);
    assert.equal(members?.bytes.readUInt32LE(group + 4 + 2 * 4), 700);
    assert.equal(members?.bytes.readUInt32LE(group + 4 + 3 * 4), 701);
    assert.deepEqual([nextMembers?.page, nextMembers?.bytes[0]], [1, 3]);
    assert.equal(nextMembers?.bytes.readUInt32LE(4), 702);
  });

  test('pages are begun anew; a truncation leaves files alone', ({ assert }) => {
    const statuses = new MultiXactStatuses(
      () => Buffer.alloc(8192, 1),
      () => Buffer.alloc(8192, 1),
    );
    statuses.apply({ kind: 'zero-offsets-page', page: 2 });
    statuses.apply({ kind: 'zero-members-page', page: 3 });
    statuses.apply({ kind: 'truncate', oldestMulti: 5, oldestMultiDb: 1 });
    assert.deepEqual(statuses.changedOffsets(), [{ page: 2, bytes: Buffer.alloc(8192) }]);
    assert.deepEqual(statuses.changedMembers(), [{ page: 3, bytes: Buffer.alloc(8192) }]);
  });
});
