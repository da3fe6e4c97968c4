import type { PageKey } from './page-key.ts';

/** A fork of a relation in a data directory. */
export interface ForkSize {
  readonly spcOid: number;
  readonly dbOid: number;
  readonly relNumber: number;
  readonly forkNumber: number;
  readonly blocks: number;
}

/** The pages of a data directory at rest: a base, or what recovery made of it. */
export interface PageSource {
  /** The page's 8192 bytes, or undefined when the fork is shorter or absent; the buffer is the caller's until the next call. */
  readPage(key: PageKey): Buffer | undefined;
  forks(): Iterable<ForkSize>;
}
