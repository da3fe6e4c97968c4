import type { PageKey } from './page-key.ts';

/** A set of pages: one bit a block. */
export class PageSet {
  readonly #forks = new Map<string, Uint8Array>();

  add(key: PageKey): void {
    const fork = forkId(key);
    const byte = key.blockNumber >>> 3;
    let bits = this.#forks.get(fork) ?? new Uint8Array(64);
    if (byte >= bits.length) {
      const grown = new Uint8Array(Math.max(byte + 1, bits.length * 2));
      grown.set(bits);
      bits = grown;
    }
    bits[byte] = (bits[byte] ?? 0) | (1 << (key.blockNumber & 7));
    this.#forks.set(fork, bits);
  }

  has(key: PageKey): boolean {
    const bits = this.#forks.get(forkId(key))?.[key.blockNumber >>> 3] ?? 0;
    return (bits & (1 << (key.blockNumber & 7))) !== 0;
  }
}

function forkId(key: PageKey): string {
  return `${String(key.spcOid)}/${String(key.dbOid)}/${String(key.relNumber)}/${String(key.forkNumber)}`;
}
