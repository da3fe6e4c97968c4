import { test } from '@japa/runner';

import { TransactionStatuses } from '../../../harness/redo/pageserver/transaction-statuses.ts';

const none = (): undefined => undefined;

test.group('TransactionStatuses', () => {
  test('two bits for each transaction, beside those of others, over what was there', ({ assert }) => {
    const base = Buffer.alloc(8192, 0xff);
    const statuses = new TransactionStatuses((page) => (page === 0 ? base : undefined));
    statuses.end([4, 7], 'committed');
    statuses.end([6, 32_768 + 1], 'aborted');
    const [first, second] = statuses.changed();
    assert.deepEqual([first?.page, second?.page], [0, 1]);
    // Transactions 4 to 7 share the second byte: 01 for a commit, 10 for an abort, 11 as it was.
    assert.equal(first?.bytes[1], 0b01_10_11_01);
    assert.equal(first?.bytes[0], 0xff);
    assert.equal(second?.bytes[0], 0b10_00);
    assert.equal(base[1], 0xff);
  });

  test('a page that is begun anew forgets', ({ assert }) => {
    const statuses = new TransactionStatuses(none);
    statuses.end([32_768], 'committed');
    statuses.zero(1);
    assert.deepEqual(statuses.changed(), [{ page: 1, bytes: Buffer.alloc(8192) }]);
  });
});
