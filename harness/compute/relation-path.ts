import { join } from 'node:path';

/** Which fork of which relation. */
export interface ForkAddress {
  readonly spcOid: number;
  readonly dbOid: number;
  readonly relNumber: number;
  readonly forkNumber: number;
}

const defaultTablespaceOid = 1663;
const globalTablespaceOid = 1664;
const suffixes = ['', '_fsm', '_vm', '_init'] as const;

/**
 * Where the files of one data directory lie (common/relpath.c, majors 14 to 18), tablespaces inside of it included. Paths are
 * relative to the data directory.
 */
export class RelationPaths {
  readonly #versionFolder: string;

  constructor(major: number, catalogVersion: number) {
    this.#versionFolder = `PG_${String(major)}_${String(catalogVersion)}`;
  }

  /** The folder of a database's relations in a tablespace; `global` for what all databases share. */
  database(spcOid: number, dbOid: number): string {
    if (spcOid === globalTablespaceOid) return 'global';
    if (spcOid === defaultTablespaceOid) return join('base', String(dbOid));
    return join(this.tablespace(spcOid), String(dbOid));
  }

  /** The folder of databases in a tablespace inside the data directory. */
  tablespace(spcOid: number): string {
    return join('pg_tblspc', String(spcOid), this.#versionFolder);
  }

  /** One file of a fork: the first, and one more each GiB. */
  segment({ spcOid, dbOid, relNumber, forkNumber }: ForkAddress, segment: number): string {
    const name = `${String(relNumber)}${suffixes[forkNumber] ?? ''}`;
    return join(this.database(spcOid, dbOid), segment === 0 ? name : `${name}.${String(segment)}`);
  }
}
