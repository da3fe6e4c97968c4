import { test } from '@japa/runner';

import { KindCounter } from '../../../harness/redo/lineage/kind-count.ts';
import type { DecodedRecord } from '../../../harness/wal/decode.ts';

function record(rmgrId: number, info: number, pages: number): DecodedRecord {
  return {
    rmgrId,
    info,
    xid: 0,
    prevLsn: 0,
    blocks: Array.from({ length: pages }, (_, id) => ({
      id,
      forkNumber: 0,
      spcOid: 1663,
      dbOid: 5,
      relNumber: 16384,
      blockNumber: id,
      willInit: false,
      hasImage: false,
      applyImage: false,
      image: undefined,
      dataOffset: 0,
      dataLength: 0,
    })),
    mainDataOffset: 0,
    mainDataLength: 0,
    topXid: undefined,
    originId: undefined,
  };
}

test.group('KindCounter', () => {
  test('counts records and the pages that they name, by the names of pg_waldump', ({ assert }) => {
    const counter = new KindCounter();
    counter.count(record(10, 0x80, 1));
    counter.count(record(10, 0x20, 2));
    counter.count(record(10, 0x20, 1));
    counter.count(record(1, 0x00, 0));
    assert.deepEqual(counter.counts(17), [
      { rmgr: 'Transaction', kind: 'COMMIT', records: 1, blockReferences: 0 },
      { rmgr: 'Heap', kind: 'UPDATE', records: 2, blockReferences: 3 },
      { rmgr: 'Heap', kind: 'INSERT+INIT', records: 1, blockReferences: 1 },
    ]);
  });

  test('does not tell flags of the info apart', ({ assert }) => {
    const counter = new KindCounter();
    // COMMIT with XLOG_XACT_HAS_INFO, and with a flag of the record's own.
    counter.count(record(1, 0x80, 0));
    counter.count(record(1, 0x00, 0));
    counter.count(record(1, 0x03, 0));
    assert.deepEqual(counter.counts(17), [
      { rmgr: 'Transaction', kind: 'COMMIT', records: 3, blockReferences: 0 },
    ]);
  });

  test('names one info after the major', ({ assert }) => {
    const counter = new KindCounter();
    counter.count(record(9, 0x10, 1));
    assert.equal(counter.counts(16)[0]?.kind, 'PRUNE');
    assert.equal(counter.counts(17)[0]?.kind, 'PRUNE_ON_ACCESS');
  });

  test('has nothing where nothing was counted', ({ assert }) => {
    assert.isEmpty(new KindCounter().counts(15));
  });
});
