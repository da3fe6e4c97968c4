import { RedoubtError } from '../../error.ts';
import type { PageKey } from '../page-key.ts';

/** A fork of a relation. */
export type Fork = Omit<PageKey, 'blockNumber'>;

interface KnownFork extends Fork {
  readonly id: number;
}

/** How many forks are found without a look into the map: a power of two. */
const recentForks = 256;

/** Gives each fork that it meets a small number, without building a string a record. */
export class ForkTable {
  /** The fork last met for each low byte of a relation's number: records come back to a few relations. */
  readonly #recent: (KnownFork | undefined)[] = Array.from({ length: recentForks }, () => undefined);
  readonly #forks: KnownFork[] = [];
  /** By relation number and fork; databases that share a relation number share an entry. */
  readonly #byNumber = new Map<number, KnownFork[]>();

  idOf(fork: Fork): number {
    const slot = (fork.relNumber + fork.forkNumber) & (recentForks - 1);
    const recent = this.#recent[slot];
    if (recent !== undefined && sameFork(recent, fork)) return recent.id;
    const known = this.#find(fork);
    this.#recent[slot] = known;
    return known.id;
  }

  #find(fork: Fork): KnownFork {
    const number = fork.relNumber * 256 + fork.forkNumber;
    let sharing = this.#byNumber.get(number);
    if (sharing === undefined) {
      sharing = [];
      this.#byNumber.set(number, sharing);
    }
    for (const known of sharing) if (sameFork(known, fork)) return known;
    const { spcOid, dbOid, relNumber, forkNumber } = fork;
    const added = { id: this.#forks.length, spcOid, dbOid, relNumber, forkNumber };
    this.#forks.push(added);
    sharing.push(added);
    return added;
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

function sameFork(left: Fork, right: Fork): boolean {
  return (
    left.relNumber === right.relNumber &&
    left.forkNumber === right.forkNumber &&
    left.dbOid === right.dbOid &&
    left.spcOid === right.spcOid
  );
}
