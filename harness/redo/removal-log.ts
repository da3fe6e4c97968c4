/** Remembers which pages a record dropped or truncated away, so that what they were before no longer counts. */
export class RemovalLog {
  readonly #removals = new Map<string, { readonly firstBlock: number; readonly endLsn: number }[]>();

  /** All blocks from `firstBlock` on of the fork ceased to exist at `endLsn`; `fork` is the caller's name for it. */
  remove(fork: string, firstBlock: number, endLsn: number): void {
    const removals = this.#removals.get(fork) ?? [];
    removals.push({ firstBlock, endLsn });
    this.#removals.set(fork, removals);
  }

  /** The end LSN of the last record that removed the block, 0 if none did. */
  lastRemoval(fork: string, blockNumber: number): number {
    let last = 0;
    for (const removal of this.#removals.get(fork) ?? []) {
      if (blockNumber >= removal.firstBlock) last = Math.max(last, removal.endLsn);
    }
    return last;
  }
}
