import { RedoubtError } from '../../error.ts';
import { counterRecord } from '../../wal/checkpoint.ts';
import { RecordDecoder, type DecodedRecord } from '../../wal/decode.ts';
import { storageEffects, type StorageEffect } from '../../wal/effects.ts';
import { MainDataReader, type RelFileLocator } from '../../wal/main-data.ts';
import { multiXactEffect } from '../../wal/multixact.ts';
import { rmgrIds } from '../../wal/names.ts';
import type { RawRecord } from '../../wal/raw-record.ts';
import type { RecordReader } from '../../wal/record-reader.ts';
import { transactionEnd } from '../../wal/transaction-end.ts';
import { ClusterCounters } from './cluster-counters.ts';
import { ForkSizes } from '../lineage/fork-sizes.ts';
import { MapChanges } from './map-changes.ts';
import { MultiXactStatuses } from './multixact-statuses.ts';
import { freeSpaceMapFork, initFork, mainFork, visibilityMapFork } from '../page-key.ts';
import type { ForkSize } from '../page-source.ts';
import { heapBlocksPerMapPage } from './pageserver-model.ts';
import type { SlruSource } from './slru-pages.ts';
import type { TapeStorage } from '../tape/tape-storage.ts';
import { TransactionStatuses } from './transaction-statuses.ts';

/** What there was when the WAL began, besides pages. */
export interface StorageBase {
  readonly forks: readonly ForkSize[];
  /** Folders of databases, by tablespace. */
  readonly databases: readonly (readonly [spcOid: number, dbOid: number])[];
  readonly tablespaces: readonly number[];
  readonly transactions: SlruSource;
  readonly multiXactOffsets: SlruSource;
  readonly multiXactMembers: SlruSource;
}

/** What the WAL alone says, without the base's digest and the contents of its tables. */
export type StorageEnd = Omit<TapeStorage, 'baseDigest' | 'contents'>;

const allForks = [mainFork, freeSpaceMapFork, visibilityMapFork, initFork];
const zeroStatusPage = 0x00;

/**
 * What a pageserver does with the records that walredo never sees (neon: pageserver/src/walingest.rs): how long relations
 * are, which there are, pg_xact, pg_multixact, relation maps, and the counters of the checkpoint with which a compute node
 * starts.
 */
export class StorageModel {
  readonly #major: number;
  readonly #decoder: RecordDecoder;
  readonly #sizes: ForkSizes;
  readonly #maps = new MapChanges();
  readonly #counters = new ClusterCounters();
  readonly #transactions: TransactionStatuses;
  readonly #multiXacts: MultiXactStatuses;
  readonly #prepared = new Set<number>();
  readonly #databases: Map<string, readonly [number, number]>;
  readonly #tablespaces: Set<number>;
  readonly #relationMaps = new Map<string, { spcOid: number; dbOid: number; bytes: Buffer }>();

  constructor(base: StorageBase, major: number) {
    this.#major = major;
    this.#decoder = new RecordDecoder(major);
    this.#sizes = new ForkSizes(base.forks);
    this.#transactions = new TransactionStatuses(base.transactions);
    this.#multiXacts = new MultiXactStatuses(base.multiXactOffsets, base.multiXactMembers);
    this.#databases = new Map(base.databases.map((folder) => [folder.join('/'), folder]));
    this.#tablespaces = new Set(base.tablespaces);
  }

  /** Reads the WAL to its end. Throws what the reader throws. */
  consume(reader: RecordReader): void {
    for (let raw = reader.next(); raw !== undefined; raw = reader.next()) this.#observe(raw);
  }

  /**
   * What there is at the end of the WAL.
   * @throws RedoubtError `storage-unsupported` for a transaction that is prepared still.
   */
  end(): StorageEnd {
    const [open] = this.#prepared;
    if (open !== undefined) {
      throw new RedoubtError(
        'infrastructure',
        'storage-unsupported',
        `the WAL ends while transaction ${String(open)} is prepared: the state files of such are not made`,
        { remedy: 'Let the workload commit or roll back what it prepares.' },
      );
    }
    return {
      forks: this.#sizes
        .ends()
        .map((fork) => [
          fork.spcOid,
          fork.dbOid,
          fork.relNumber,
          fork.forkNumber,
          fork.blocks,
          fork.baseBlocks,
        ]),
      databases: [...this.#databases.values()].map(([spcOid, dbOid]) => [spcOid, dbOid]),
      tablespaces: [...this.#tablespaces],
      relationMaps: [...this.#relationMaps.values()],
      mapChanges: this.#maps.open(),
      statuses: {
        pg_xact: [...this.#transactions.changed()],
        'pg_multixact/offsets': [...this.#multiXacts.changedOffsets()],
        'pg_multixact/members': [...this.#multiXacts.changedMembers()],
      },
      checkpoint: this.#counters.checkpoint(),
    };
  }

  #observe(raw: RawRecord): void {
    const decoded = this.#decoder.decode(raw);
    const counters = counterRecord(raw, decoded);
    if (counters !== undefined) this.#counters.record(counters);
    this.#counters.seeXid(decoded.xid);
    for (const block of decoded.blocks) {
      this.#sizes.reach(block, block.blockNumber);
      if (block.forkNumber === visibilityMapFork) this.#maps.redone(block);
    }
    for (const effect of storageEffects(raw, decoded, this.#major)) this.#apply(effect, raw, decoded);
    this.#endTransactions(raw, decoded);
    const multiXact = multiXactEffect(raw, decoded);
    if (multiXact !== undefined) {
      this.#multiXacts.apply(multiXact);
      this.#counters.multiXact(multiXact);
    }
  }

  #endTransactions(raw: RawRecord, decoded: DecodedRecord): void {
    if (decoded.rmgrId === rmgrIds.transactionStatus && (decoded.info & 0xf0) === zeroStatusPage)
      this.#transactions.zero(new MainDataReader(raw, decoded).uint32('pageno'));
    const end = transactionEnd(raw, decoded, this.#major);
    if (end === undefined) return;
    if (end.kind === 'prepared') {
      this.#prepared.add(end.xid);
      return;
    }
    for (const xid of end.xids) {
      this.#counters.seeXid(xid);
      if (end.prepared) this.#prepared.delete(xid);
    }
    this.#transactions.end(end.xids, end.kind);
  }

  #apply(effect: StorageEffect, raw: RawRecord, decoded: DecodedRecord): void {
    switch (effect.kind) {
      case 'create-fork':
        this.#sizes.create({ ...effect.relation, forkNumber: effect.forkNumber });
        break;
      case 'drop-relations':
        for (const relation of effect.relations) this.#drop(relation);
        break;
      case 'truncate':
        this.#truncate(effect);
        break;
      case 'clear-visibility-map':
        this.#maps.clear(effect);
        break;
      case 'create-database-folder':
      case 'create-database-copy':
        this.#databases.set(`${String(effect.spcOid)}/${String(effect.dbOid)}`, [
          effect.spcOid,
          effect.dbOid,
        ]);
        break;
      case 'drop-database':
        for (const spcOid of effect.spcOids) {
          const id = `${String(spcOid)}/${String(effect.dbOid)}`;
          this.#databases.delete(id);
          this.#relationMaps.delete(id);
          this.#sizes.dropDatabase(spcOid, effect.dbOid);
          this.#maps.dropDatabase(spcOid, effect.dbOid);
        }
        break;
      case 'create-tablespace':
        this.#tablespaces.add(effect.spcOid);
        break;
      case 'drop-tablespace':
        this.#tablespaces.delete(effect.spcOid);
        break;
      case 'write-relation-map': {
        const { spcOid, dbOid } = effect;
        const data = new MainDataReader(raw, decoded);
        data.skip(8, 'xl_relmap_update');
        const bytes = data.bytes(data.count('nbytes', 1), 'data');
        this.#relationMaps.set(`${String(spcOid)}/${String(dbOid)}`, { spcOid, dbOid, bytes });
        break;
      }
    }
  }

  #drop(relation: RelFileLocator): void {
    for (const forkNumber of allForks) this.#sizes.drop({ ...relation, forkNumber });
    this.#maps.drop(relation);
  }

  #truncate({ relation, blocks, forks }: Extract<StorageEffect, { kind: 'truncate' }>): void {
    if (forks.includes('main')) this.#sizes.truncate({ ...relation, forkNumber: mainFork }, blocks);
    if (forks.includes('vm')) {
      const mapPages = Math.ceil(blocks / heapBlocksPerMapPage);
      this.#sizes.truncate({ ...relation, forkNumber: visibilityMapFork }, mapPages);
      this.#maps.truncate(relation, blocks);
    }
    // A server makes a free space map anew; one that leads behind the end of its table is worse than none.
    if (forks.includes('fsm')) this.#sizes.drop({ ...relation, forkNumber: freeSpaceMapFork });
  }
}
