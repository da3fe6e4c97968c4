import { RedoubtError } from '../error.ts';
import type { PageKey } from './page-key.ts';

/** A fork of a relation. */
export type Fork = Omit<PageKey, 'blockNumber'>;

interface KnownFork extends Fork {
  readonly id: number;
}

/** Gives each fork that it meets a small number, without building a string a record. */
export class ForkTable {
  readonly #forks: KnownFork[] = [];
  /** By relation number and fork; databases that share a relation number share an entry. */
  readonly #byNumber = new Map<number, KnownFork[]>();

  idOf(fork: Fork): number {
    const number = fork.relNumber * 256 + fork.forkNumber;
    let sharing = this.#byNumber.get(number);
    if (sharing === undefined) {
      sharing = [];
      this.#byNumber.set(number, sharing);
    }
    for (const known of sharing)
      if (known.dbOid === fork.dbOid && known.spcOid === fork.spcOid) return known.id;
    const { spcOid, dbOid, relNumber, forkNumber } = fork;
    const added = { id: this.#forks.length, spcOid, dbOid, relNumber, forkNumber };
    this.#forks.push(added);
    sharing.push(added);
    return added.id;
  }

  /** @throws RedoubtError `fork-unknown` for a number that it did not give. */
  keyOf(forkId: number, blockNumber: number): PageKey {
    const fork = this.#forks[forkId];
    if (fork === undefined)
      throw new RedoubtError('infrastructure', 'fork-unknown', `no fork has the number ${String(forkId)}`);
    const { spcOid, dbOid, relNumber, forkNumber } = fork;
    return { spcOid, dbOid, relNumber, forkNumber, blockNumber };
  }
}
