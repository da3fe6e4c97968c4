import type { ForkSize } from '../page-source.ts';
import { ForkTable, type Fork } from '../pageserver/fork-table.ts';

/** A fork as the WAL leaves it. */
export interface ForkEnd extends ForkSize {
  /** How many of its first pages are still the base's where no record made them anew; those behind are zeros then. */
  readonly baseBlocks: number;
}

interface Size {
  exists: boolean;
  blocks: number;
  baseBlocks: number;
}

/** How long each fork is: a pageserver knows it from the WAL alone. */
export class ForkSizes {
  readonly #forks = new ForkTable();
  readonly #sizes: Size[] = [];

  constructor(base: Iterable<ForkSize>) {
    for (const { blocks, ...fork } of base) {
      const size = this.#of(fork);
      size.exists = true;
      size.blocks = blocks;
      size.baseBlocks = blocks;
    }
  }

  /** A record names the page: the fork reaches to it. */
  reach(fork: Fork, blockNumber: number): void {
    const size = this.#of(fork);
    size.exists = true;
    if (blockNumber >= size.blocks) size.blocks = blockNumber + 1;
  }

  create(fork: Fork): void {
    this.#of(fork).exists = true;
  }

  truncate(fork: Fork, blocks: number): void {
    const size = this.#of(fork);
    size.blocks = Math.min(size.blocks, blocks);
    size.baseBlocks = Math.min(size.baseBlocks, blocks);
  }

  drop(fork: Fork): void {
    forget(this.#of(fork));
  }

  dropDatabase(spcOid: number, dbOid: number): void {
    for (const [id, size] of this.#sizes.entries()) {
      const fork = this.#forks.keyOf(id, 0);
      if (fork.spcOid === spcOid && fork.dbOid === dbOid) forget(size);
    }
  }

  /** All forks that there are, in order. */
  ends(): readonly ForkEnd[] {
    return this.#sizes
      .flatMap(({ exists, blocks, baseBlocks }, id) => {
        const { spcOid, dbOid, relNumber, forkNumber } = this.#forks.keyOf(id, 0);
        return exists ? [{ spcOid, dbOid, relNumber, forkNumber, blocks, baseBlocks }] : [];
      })
      .toSorted(
        (left, right) =>
          left.spcOid - right.spcOid ||
          left.dbOid - right.dbOid ||
          left.relNumber - right.relNumber ||
          left.forkNumber - right.forkNumber,
      );
  }

  #of(fork: Fork): Size {
    const id = this.#forks.idOf(fork);
    const known = this.#sizes[id];
    if (known !== undefined) return known;
    const size: Size = { exists: false, blocks: 0, baseBlocks: 0 };
    this.#sizes[id] = size;
    return size;
  }
}

function forget(size: Size): void {
  size.exists = false;
  size.blocks = 0;
  size.baseBlocks = 0;
}
