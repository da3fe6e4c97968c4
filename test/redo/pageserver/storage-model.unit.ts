import { test } from '@japa/runner';

import type { ForkSize } from '../../../harness/redo/page-source.ts';
import { StorageModel, type StorageEnd } from '../../../harness/redo/pageserver/storage-model.ts';
import { checkpointOffset as at } from '../../../harness/wal/checkpoint.ts';
import { thrownBy } from '../../support/thrown.ts';
import { readerOf } from '../../wal/reading.ts';
import { type RecordSpec, u32, u64, WalBuilder } from '../../wal/wal-builder.ts';

const relation = [1663, 5, 16_384] as const;
const locator = Buffer.concat(relation.map(u32));
const base: readonly ForkSize[] = [0, 1, 2].map((forkNumber) => ({
  spcOid: 1663,
  dbOid: 5,
  relNumber: 16_384,
  forkNumber,
  blocks: 10,
}));

/** A CheckPoint with these counters, as a C compiler lays it out. */
function checkpoint({ nextXid = 700n, nextOid = 16_000, oldestXid = 3 }): Buffer {
  const bytes = Buffer.alloc(88);
  bytes.writeBigUInt64LE(nextXid, 24);
  [nextOid, 1, 0, oldestXid, 1, 1, 1].forEach((value, index) => bytes.writeUInt32LE(value, 32 + 4 * index));
  return bytes;
}

const begin: RecordSpec = { rmgrId: 0, info: 0x00, main: checkpoint({}) };

function endOf(records: readonly RecordSpec[], first: RecordSpec = begin): StorageEnd {
  const wal = new WalBuilder();
  for (const record of [first, ...records]) wal.append(record);
  const model = new StorageModel(
    {
      forks: base,
      databases: [[1663, 5]],
      tablespaces: [],
      transactions: () => undefined,
      multiXactOffsets: () => undefined,
      multiXactMembers: () => undefined,
    },
    17,
  );
  model.consume(readerOf(wal));
  return model.end();
}

function touching(fork: number, block: number): RecordSpec {
  return { rmgrId: 10, info: 0x00, blocks: [{ id: 0, fork, relation, block }], main: Buffer.alloc(3) };
}

const create: RecordSpec = { rmgrId: 2, info: 0x10, main: Buffer.concat([locator, u32(3)]) };
const drop: RecordSpec = {
  rmgrId: 1,
  info: 0x80,
  xid: 710,
  main: Buffer.concat([u64(0n), u32(0x04), u32(1), locator]),
};

function truncation(blocks: number, flags = 7): RecordSpec {
  return { rmgrId: 2, info: 0x20, main: Buffer.concat([u32(blocks), locator, u32(flags)]) };
}

function mapUpdate(text: string): RecordSpec {
  return {
    rmgrId: 7,
    main: Buffer.concat([u32(5), u32(1663), u32(text.length), Buffer.from(text)]),
  };
}

function tablespace(info: number, oid: number): RecordSpec {
  return {
    rmgrId: 5,
    info,
    main: Buffer.concat([u32(oid), Buffer.from('\0')]),
  };
}

/** A delete on an all-visible page: xmax, offnum, infobits, flags. */
function deletion(block: number): RecordSpec {
  return {
    rmgrId: 10,
    info: 0x10,
    blocks: [{ id: 0, relation, block }],
    main: Buffer.concat([u32(0), Buffer.of(1, 0, 0, 1)]),
  };
}

test.group('StorageModel: sizes', () => {
  test('a fork reaches to the last page that a record names, and begins as the base had it', ({ assert }) => {
    assert.deepEqual(endOf([touching(0, 3)]).forks, [
      [...relation, 0, 10, 10],
      [...relation, 1, 10, 10],
      [...relation, 2, 10, 10],
    ]);
    assert.deepEqual(endOf([touching(0, 12)]).forks[0], [...relation, 0, 13, 10]);
    assert.deepEqual(endOf([create]).forks.at(-1), [...relation, 3, 0, 0]);
  });

  test('what was cut off comes back as zeros, and the free space map not at all', ({ assert }) => {
    assert.deepEqual(endOf([truncation(4), touching(0, 6)]).forks, [
      [...relation, 0, 7, 4],
      [...relation, 2, 1, 1],
    ]);
    assert.deepEqual(endOf([truncation(0)]).forks, [
      [...relation, 0, 0, 0],
      [...relation, 2, 0, 0],
    ]);
  });

  test('a relation that is dropped is gone, and one of its number later is another', ({ assert }) => {
    assert.deepEqual(endOf([drop]).forks, []);
    assert.deepEqual(endOf([drop, touching(0, 1)]).forks, [[...relation, 0, 2, 0]]);
  });

  test('a database that is dropped takes all with it', ({ assert }) => {
    const gone: RecordSpec = { rmgrId: 4, info: 0x20, main: Buffer.concat([u32(5), u32(1), u32(1663)]) };
    const made: RecordSpec = { rmgrId: 4, info: 0x10, main: Buffer.concat([u32(6), u32(1663)]) };
    const { forks, databases } = endOf([touching(0, 20), gone, made]);
    assert.deepEqual(forks, []);
    assert.deepEqual(databases, [[1663, 6]]);
  });
});

test.group('StorageModel: what lies beside', () => {
  test('tablespaces and relation maps are those of the last record', ({ assert }) => {
    const { relationMaps, tablespaces } = endOf([
      mapUpdate('old'),
      mapUpdate('new'),
      tablespace(0x00, 20_000),
      tablespace(0x00, 20_001),
      tablespace(0x10, 20_000),
    ]);
    assert.deepEqual(relationMaps, [{ spcOid: 1663, dbOid: 5, bytes: Buffer.from('new') }]);
    assert.deepEqual(tablespaces, [20_001]);
  });

  test('bits that go behind the last record of a map page are kept, those before it are in that page', ({
    assert,
  }) => {
    const changes = [{ kind: 'clear', heapBlock: 3, bits: 3 }];
    const page = { spcOid: 1663, dbOid: 5, relNumber: 16_384, blockNumber: 0 };
    assert.deepEqual(endOf([deletion(3)]).mapChanges, [{ ...page, changes }]);
    assert.deepEqual(endOf([deletion(2), touching(2, 0), deletion(3)]).mapChanges, [{ ...page, changes }]);
    assert.deepEqual(endOf([deletion(3), touching(2, 0)]).mapChanges, []);
    assert.deepEqual(endOf([deletion(3), drop]).mapChanges, []);
    assert.deepEqual(endOf([deletion(3), truncation(2)]).mapChanges[0]?.changes.at(-1), {
      kind: 'truncate',
      heapBlock: 2,
      bits: 0,
    });
    assert.deepEqual(endOf([deletion(3), truncation(0)]).mapChanges, []);
  });

  test('a transaction that is prepared still is refused', ({ assert }) => {
    const prepare: RecordSpec = { rmgrId: 1, info: 0x10, xid: 720, main: Buffer.alloc(64) };
    const commit: RecordSpec = {
      rmgrId: 1,
      info: 0xb0,
      main: Buffer.concat([u64(0n), u32(0x10), u32(720)]),
    };
    const error = thrownBy(() => endOf([prepare]));
    assert.deepEqual([error.kind, error.code], ['infrastructure', 'storage-unsupported']);
    assert.match(error.message, /transaction 720 is prepared/);
    const { statuses } = endOf([prepare, commit]);
    assert.equal(statuses.pg_xact[0]?.bytes[720 / 4], 1);
  });
});

test.group('StorageModel: counters', () => {
  const multi: RecordSpec = {
    rmgrId: 6,
    info: 0x20,
    main: Buffer.concat([9, 40, 2, 800, 1, 801, 5].map(u32)),
  };

  test('move past every number that a record shows', ({ assert }) => {
    const { checkpoint: end } = endOf([
      { ...touching(0, 1), xid: 705 },
      { rmgrId: 0, info: 0x30, main: u32(24_576) },
      drop,
      multi,
    ]);
    assert.equal(end.readBigUInt64LE(at.nextXid), 802n);
    assert.equal(end.readUInt32LE(at.nextOid), 24_576);
    assert.equal(end.readUInt32LE(at.nextMulti), 10);
    assert.equal(end.readUInt32LE(at.nextMultiOffset), 42);
  });

  test('go on behind 2^32 transactions', ({ assert }) => {
    const late = 0xffff_fff0n;
    const first = { ...begin, main: checkpoint({ nextXid: late }) };
    const { checkpoint: end } = endOf([{ ...touching(0, 1), xid: 5 }], first);
    assert.equal(end.readBigUInt64LE(at.nextXid), 0x1_0000_0006n);
  });

  test('an online checkpoint says what is oldest, and no more; one of a shutdown all', ({ assert }) => {
    const later = checkpoint({ nextXid: 690n, nextOid: 15_000, oldestXid: 600 });
    const online = endOf([
      { ...touching(0, 1), xid: 705 },
      { rmgrId: 0, info: 0x10, main: later },
    ]).checkpoint;
    assert.equal(online.readBigUInt64LE(at.nextXid), 706n);
    assert.equal(online.readUInt32LE(at.nextOid), 16_000);
    assert.equal(online.readUInt32LE(at.oldestXid), 600);
    assert.deepEqual(endOf([{ rmgrId: 0, info: 0x00, main: later }]).checkpoint, later);
  });

  test('need a checkpoint to begin with', ({ assert }) => {
    const error = thrownBy(() => endOf([], { ...touching(0, 1), xid: 705 }));
    assert.deepEqual([error.kind, error.code], ['infrastructure', 'storage-without-checkpoint']);
  });
});
