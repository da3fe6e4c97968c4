import type { PageKey } from '../page-key.ts';

type Relation = Pick<PageKey, 'spcOid' | 'dbOid' | 'relNumber'>;

/** Remembers which pages the WAL dropped or truncated away, so that what they were before no longer counts. */
export class RemovalLog {
  readonly #relations = new Map<string, number>();
  readonly #truncations = new Map<
    string,
    { readonly forkNumber: number; readonly firstBlock: number; readonly endLsn: number }[]
  >();
  readonly #databases = new Map<string, number>();

  /** All forks of the relation ceased to exist at `endLsn`. */
  dropRelation(relation: Relation, endLsn: number): void {
    this.#relations.set(relationId(relation), endLsn);
  }

  /** All relations of the database in one tablespace ceased to exist at `endLsn`. */
  dropDatabase(spcOid: number, dbOid: number, endLsn: number): void {
    this.#databases.set(databaseId(spcOid, dbOid), endLsn);
  }

  /** All blocks of a fork from `firstBlock` on ceased to exist at `endLsn`. */
  truncate(relation: Relation, forkNumber: number, firstBlock: number, endLsn: number): void {
    const id = relationId(relation);
    const truncations = this.#truncations.get(id) ?? [];
    truncations.push({ forkNumber, firstBlock, endLsn });
    this.#truncations.set(id, truncations);
  }

  /** The end LSN of the last record that dropped the database in one tablespace, 0 if none did. */
  lastDrop(spcOid: number, dbOid: number): number {
    return this.#databases.get(databaseId(spcOid, dbOid)) ?? 0;
  }

  /** The end LSN of the last record that removed the page, 0 if none did. */
  lastRemoval(key: PageKey): number {
    const id = relationId(key);
    let last = Math.max(this.#relations.get(id) ?? 0, this.lastDrop(key.spcOid, key.dbOid));
    for (const { forkNumber, firstBlock, endLsn } of this.#truncations.get(id) ?? []) {
      if (forkNumber === key.forkNumber && key.blockNumber >= firstBlock) last = Math.max(last, endLsn);
    }
    return last;
  }
}

function databaseId(spcOid: number, dbOid: number): string {
  return `${String(spcOid)}/${String(dbOid)}`;
}

function relationId({ spcOid, dbOid, relNumber }: Relation): string {
  return `${String(spcOid)}/${String(dbOid)}/${String(relNumber)}`;
}
