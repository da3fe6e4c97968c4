import { RedoubtError } from '../../error.ts';
import { RecordDecoder, type DecodedRecord } from '../../wal/decode.ts';
import { storageEffects, type StorageEffect } from '../../wal/effects.ts';
import { flavourOf, type WalFlavour } from '../../wal/flavour.ts';
import { formatLsn } from '../../wal/lsn.ts';
import type { RawRecord } from '../../wal/raw-record.ts';
import type { RecordReader } from '../../wal/record-reader.ts';
import { ForkTable } from '../pageserver/fork-table.ts';
import { KindCounter, type KindCount } from './kind-count.ts';
import type { LineageSpill } from './lineage-spill.ts';
import { mainFork, visibilityMapFork, type PageKey } from '../page-key.ts';
import {
  allVisibilityBits,
  allFrozen,
  heapBlocksPerMapPage,
  mapPosition,
} from '../pageserver/pageserver-model.ts';
import { RemovalLog } from './removal-log.ts';

type Relation = Pick<PageKey, 'spcOid' | 'dbOid' | 'relNumber'>;

/** A database made by copying files: its pages as they were then are in no record. */
type DatabaseCopy = Extract<StorageEffect, { readonly kind: 'create-database-copy' }> &
  Pick<RawRecord, 'startLsn' | 'endLsn'>;

/** Splits WAL into what concerns each page, and remembers which pages the WAL removed. */
export class LineageSplitter {
  readonly #spill: LineageSpill;
  readonly #major: number;
  readonly #decoder: RecordDecoder;
  readonly #removals = new RemovalLog();
  readonly #forks = new ForkTable();
  readonly #payload = Buffer.alloc(8);
  readonly #copies: DatabaseCopy[] = [];
  readonly #kinds = new KindCounter();
  #flavour: WalFlavour | undefined;
  #records = 0;

  constructor(spill: LineageSpill, major: number) {
    this.#spill = spill;
    this.#major = major;
    this.#decoder = new RecordDecoder(major);
  }

  /**
   * Reads the WAL to its end.
   * @throws RedoubtError what the reader throws, or `wal-unsupported` for a record that makes pages that no record names, unless they are dropped later.
   */
  consume(reader: RecordReader): void {
    for (let raw = reader.next(); raw !== undefined; raw = reader.next()) {
      const decoded = this.#decoder.decode(raw);
      this.#records++;
      this.#kinds.count(decoded);
      this.#flavour = joinFlavours(this.#flavour, flavourOf(decoded), raw);
      this.#spillBlocks(raw, decoded);
      for (const effect of storageEffects(raw, decoded, this.#major)) this.#remember(effect, raw);
    }
    for (const copy of this.#copies) this.#requireDropped(copy);
  }

  /** The flavour that the WAL gave away; undefined when no record told. */
  get flavour(): WalFlavour | undefined {
    return this.#flavour;
  }

  /** How many records were read so far. */
  get records(): number {
    return this.#records;
  }

  /** The records read so far by kind. */
  get kinds(): readonly KindCount[] {
    return this.#kinds.counts(this.#major);
  }

  keyOf(forkId: number, blockNumber: number): PageKey {
    return this.#forks.keyOf(forkId, blockNumber);
  }

  /** The end LSN of the last record that dropped or truncated the page away, 0 if none did. */
  lastRemoval(key: PageKey): number {
    return this.#removals.lastRemoval(key);
  }

  /** Pages without a lineage are nobody's trouble when the WAL drops their database later on. */
  #requireDropped({ spcOid, dbOid, sourceDbOid, startLsn, endLsn }: DatabaseCopy): void {
    if (this.#removals.lastDrop(spcOid, dbOid) > endLsn) return;
    throw new RedoubtError(
      'infrastructure',
      'wal-unsupported',
      `the record at ${formatLsn(startLsn)} copies database ${String(sourceDbOid)} outside of the WAL: its pages have no lineage`,
      {
        remedy:
          'Create databases before the base is taken, or with STRATEGY wal_log (PostgreSQL 15 and newer).',
      },
    );
  }

  #spillBlocks({ bytes, offset, length, endLsn }: RawRecord, { blocks }: DecodedRecord): void {
    for (const block of blocks) {
      const role = block.willInit || block.applyImage ? 'initialising' : 'record';
      this.#spill.append(this.#forks.idOf(block), block.blockNumber, role, endLsn, bytes, offset, length);
    }
  }

  #remember(effect: StorageEffect, { startLsn, endLsn }: RawRecord): void {
    switch (effect.kind) {
      case 'drop-relations':
        for (const relation of effect.relations) this.#removals.dropRelation(relation, endLsn);
        break;
      case 'truncate':
        if (effect.forks.includes('main'))
          this.#removals.truncate(effect.relation, mainFork, effect.blocks, endLsn);
        if (effect.forks.includes('vm')) {
          const mapPages = Math.ceil(effect.blocks / heapBlocksPerMapPage);
          this.#removals.truncate(effect.relation, visibilityMapFork, mapPages, endLsn);
          if (effect.blocks % heapBlocksPerMapPage > 0)
            this.#spillOwnChange('truncate', effect.relation, effect.blocks, 0, endLsn);
        }
        break;
      case 'drop-database':
        for (const spcOid of effect.spcOids) this.#removals.dropDatabase(spcOid, effect.dbOid, endLsn);
        break;
      case 'create-database-copy':
        this.#copies.push({ ...effect, startLsn, endLsn });
        break;
      case 'create-fork':
      case 'create-database-folder':
      case 'create-tablespace':
      case 'drop-tablespace':
      case 'write-relation-map':
        break;
      case 'clear-visibility-map':
        for (const { heapBlock, bits } of effect.heapBlocks) {
          this.#spillOwnChange(
            'clear',
            effect.relation,
            heapBlock,
            bits === 'all' ? allVisibilityBits : allFrozen,
            endLsn,
          );
        }
        break;
    }
  }

  /** A change that a pageserver makes to a page of the visibility map by itself: the heap block, and the bits that go. */
  #spillOwnChange(
    role: 'clear' | 'truncate',
    relation: Relation,
    heapBlock: number,
    bits: number,
    endLsn: number,
  ): void {
    this.#payload.writeUInt32LE(heapBlock, 0);
    this.#payload.writeUInt32LE(bits, 4);
    const forkId = this.#forks.idOf({ ...relation, forkNumber: visibilityMapFork });
    this.#spill.append(
      forkId,
      mapPosition(heapBlock).mapBlock,
      role,
      endLsn,
      this.#payload,
      0,
      this.#payload.length,
    );
  }
}

/** WAL of two flavours in one capture was not written by one server. */
function joinFlavours(
  known: WalFlavour | undefined,
  found: WalFlavour | undefined,
  raw: RawRecord,
): WalFlavour | undefined {
  if (known !== undefined && found !== undefined && known !== found) {
    throw new RedoubtError(
      'infrastructure',
      'wal-flavours-mixed',
      `the record at ${formatLsn(raw.startLsn)} is of flavour ${found}, those before it of ${known}`,
      {
        remedy: 'Capture the WAL of one server.',
      },
    );
  }
  return known ?? found;
}
