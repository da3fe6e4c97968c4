import { RedoubtError } from '../error.ts';
import { decodeRecord, type DecodedRecord } from '../wal/decode.ts';
import { storageEffects, type StorageEffect } from '../wal/effects.ts';
import type { RawRecord, RecordReader } from '../wal/record-reader.ts';
import type { LineageSpill } from './lineage-spill.ts';
import { forkName, initFork, type PageKey } from './page-key.ts';
import { RemovalLog } from './removal-log.ts';

type Fork = Omit<PageKey, 'blockNumber'>;

/** Splits WAL into what concerns each page, and remembers which pages the WAL removed. */
export class LineageSplitter {
  readonly #spill: LineageSpill;
  readonly #major: number;
  readonly #removals = new RemovalLog();
  readonly #forks: Fork[] = [];
  readonly #forkIds = new Map<string, number>();

  constructor(spill: LineageSpill, major: number) {
    this.#spill = spill;
    this.#major = major;
  }

  /** Reads the WAL to its end. */
  consume(reader: RecordReader): void {
    for (let raw = reader.next(); raw !== undefined; raw = reader.next()) {
      const decoded = decodeRecord(raw, this.#major);
      this.#spillBlocks(raw, decoded);
      for (const effect of storageEffects(raw, decoded, this.#major)) this.#remember(effect, raw.endLsn);
    }
  }

  keyOf(forkId: number, blockNumber: number): PageKey {
    const fork = this.#forks[forkId];
    if (fork === undefined)
      throw new RedoubtError(
        'infrastructure',
        'spill-invalid',
        `spill file names fork ${String(forkId)}, which was never seen`,
      );
    return { ...fork, blockNumber };
  }

  /** The end LSN of the last record that dropped or truncated the page away, 0 if none did. */
  lastRemoval(key: PageKey): number {
    return this.#removals.lastRemoval(forkPath(key), key.blockNumber);
  }

  #spillBlocks(raw: RawRecord, decoded: DecodedRecord): void {
    for (const block of decoded.blocks) {
      const initialises = block.willInit || block.applyImage;
      this.#spill.append(
        this.#forkId(block),
        block.blockNumber,
        initialises,
        raw.endLsn,
        raw.bytes,
        raw.offset,
        raw.length,
      );
    }
  }

  #forkId(fork: Fork): number {
    const path = forkPath(fork);
    let id = this.#forkIds.get(path);
    if (id === undefined) {
      id = this.#forks.length;
      this.#forkIds.set(path, id);
      const { spcOid, dbOid, relNumber, forkNumber } = fork;
      this.#forks.push({ spcOid, dbOid, relNumber, forkNumber });
    }
    return id;
  }

  #remember(effect: StorageEffect, endLsn: number): void {
    switch (effect.kind) {
      case 'drop-relations':
        for (const relation of effect.relations) {
          for (let forkNumber = 0; forkNumber <= initFork; forkNumber++) {
            this.#removals.remove(forkPath({ ...relation, forkNumber }), 0, endLsn);
          }
        }
        break;
    }
  }
}

function forkPath(fork: Fork): string {
  return `${String(fork.spcOid)}/${String(fork.dbOid)}/${String(fork.relNumber)} ${forkName(fork.forkNumber)}`;
}
