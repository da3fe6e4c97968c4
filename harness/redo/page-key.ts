/** One block of one fork of one relation: what a pageserver stores and what walredo rebuilds. */
export interface PageKey {
  readonly spcOid: number;
  readonly dbOid: number;
  readonly relNumber: number;
  /** 0 main, 1 fsm, 2 vm, 3 init (src/include/common/relpath.h, majors 14-18). */
  readonly forkNumber: number;
  readonly blockNumber: number;
}

export const mainFork = 0;
export const freeSpaceMapFork = 1;
export const visibilityMapFork = 2;
export const initFork = 3;

/** Forks whose pages recovery rebuilds from WAL alone; it also writes the free space map, and clears visibility bits, outside of it. */
export function isJudgedFork(forkNumber: number): boolean {
  return forkNumber === mainFork || forkNumber === initFork;
}

const forkNames = ['main', 'fsm', 'vm', 'init'] as const;

/** The fork's name as PostgreSQL prints it; `fork N` for a number that it does not define. */
export function forkName(forkNumber: number): string {
  return forkNames[forkNumber] ?? `fork ${String(forkNumber)}`;
}

/** `1663/5/16385 main block 12`, the notation of pg_waldump. */
export function formatPageKey(key: PageKey): string {
  return `${String(key.spcOid)}/${String(key.dbOid)}/${String(key.relNumber)} ${forkName(key.forkNumber)} block ${String(key.blockNumber)}`;
}

export function samePage(left: PageKey, right: PageKey): boolean {
  return (
    left.blockNumber === right.blockNumber &&
    left.relNumber === right.relNumber &&
    left.forkNumber === right.forkNumber &&
    left.dbOid === right.dbOid &&
    left.spcOid === right.spcOid
  );
}

/** Orders by tablespace, database, relation, fork, block. */
export function comparePageKeys(left: PageKey, right: PageKey): number {
  return (
    left.spcOid - right.spcOid ||
    left.dbOid - right.dbOid ||
    left.relNumber - right.relNumber ||
    left.forkNumber - right.forkNumber ||
    left.blockNumber - right.blockNumber
  );
}
