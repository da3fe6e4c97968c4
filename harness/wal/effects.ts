import type { DecodedRecord } from './decode.ts';
import { MainDataReader } from './main-data.ts';
import type { RelFileLocator } from './main-data.ts';
import { rmgrIds } from './names.ts';
import type { RawRecord } from './raw-record.ts';
import { visibilityMapClear } from './visibility-map-clears.ts';
import type { VisibilityMapClear } from './visibility-map-clears.ts';

/** The forks that a truncation names (SMGR_TRUNCATE_HEAP, _VM, _FSM; storage_xlog.h). */
export type TruncatedFork = 'main' | 'vm' | 'fsm';

/** What a record does to storage besides redo of the pages that it names; a pageserver does these itself. */
export type StorageEffect =
  | { readonly kind: 'create-fork'; readonly relation: RelFileLocator; readonly forkNumber: number }
  /** All forks of the relations go, at commit, abort, or the second phase of either. */
  | { readonly kind: 'drop-relations'; readonly relations: readonly RelFileLocator[] }
  /** `blocks` is the new size of the main fork in pages; FSM and VM are cut to what that size needs. */
  | {
      readonly kind: 'truncate';
      readonly relation: RelFileLocator;
      readonly blocks: number;
      readonly forks: readonly TruncatedFork[];
    }
  /** CREATE DATABASE STRATEGY file_copy (and every one up to 14): pages that no record names. */
  | {
      readonly kind: 'create-database-copy';
      readonly dbOid: number;
      readonly spcOid: number;
      readonly sourceDbOid: number;
      readonly sourceSpcOid: number;
    }
  /** CREATE DATABASE STRATEGY wal_log (15+): the folder alone, every page is logged. */
  | { readonly kind: 'create-database-folder'; readonly dbOid: number; readonly spcOid: number }
  | { readonly kind: 'drop-database'; readonly dbOid: number; readonly spcOids: readonly number[] }
  | { readonly kind: 'create-tablespace'; readonly spcOid: number; readonly path: string }
  | { readonly kind: 'drop-tablespace'; readonly spcOid: number }
  /** pg_filenode.map of one database (or of the cluster, dbOid 0) is written anew. */
  | { readonly kind: 'write-relation-map'; readonly dbOid: number; readonly spcOid: number }
  /** Bits of heap blocks in the visibility map, cleared by records that do not name the map's page. */
  | VisibilityMapClear;

const none: readonly StorageEffect[] = [];

/** xinfo bits (access/xact.h, 14-18): which parts a commit or abort record has; the parts before the relations, in order. */
const xinfoHasDbInfo = 1 << 0;
const xinfoHasSubxacts = 1 << 1;
const xinfoHasRelations = 1 << 2;
const xactHasInfo = 0x80;
const xactCommit = 0x00;
const xactAbort = 0x20;
const xactCommitPrepared = 0x30;
const xactAbortPrepared = 0x40;

/**
 * What a record does to storage besides its block references: forks made, relations dropped, truncations, databases,
 * tablespaces, relation maps, and bits of the visibility map that heap records clear in passing. Usually nothing, and then
 * it costs nothing. Throws `wal-corrupt-main-data` (`-block-reference`: see visibility-map-clears.ts). Sources: storage_xlog.h, xact.h, dbcommands_xlog.h
 * (dbcommands.h in 14), tablespace.h, relmapper.h of 14 to 18.
 */
export function storageEffects(
  raw: RawRecord,
  decoded: DecodedRecord,
  major: number,
): readonly StorageEffect[] {
  const kind = decoded.info & 0xf0;
  switch (decoded.rmgrId) {
    case rmgrIds.transaction:
      return transactionEffects(raw, decoded);
    case rmgrIds.storage:
      return smgrEffects(kind, new MainDataReader(raw, decoded));
    case rmgrIds.database:
      return databaseEffects(kind, new MainDataReader(raw, decoded), major);
    case rmgrIds.tablespace:
      return tablespaceEffects(kind, new MainDataReader(raw, decoded));
    case rmgrIds.relMap: {
      const data = new MainDataReader(raw, decoded);
      return [{ kind: 'write-relation-map', dbOid: data.uint32('dbid'), spcOid: data.uint32('tsid') }];
    }
    case rmgrIds.heap:
    case rmgrIds.heap2: {
      const clear = visibilityMapClear(raw, decoded);
      return clear === undefined ? none : [clear];
    }
    default:
      return none;
  }
}

function transactionEffects(raw: RawRecord, decoded: DecodedRecord): readonly StorageEffect[] {
  const kind = decoded.info & 0x70;
  const ends =
    kind === xactCommit || kind === xactAbort || kind === xactCommitPrepared || kind === xactAbortPrepared;
  if (!ends || (decoded.info & xactHasInfo) === 0) {
    return none;
  }
  const data = new MainDataReader(raw, decoded);
  data.skip(8, 'xact_time');
  const xinfo = data.uint32('xinfo');
  if ((xinfo & xinfoHasRelations) === 0) {
    return none;
  }
  if ((xinfo & xinfoHasDbInfo) !== 0) {
    data.skip(8, 'xl_xact_dbinfo');
  }
  if ((xinfo & xinfoHasSubxacts) !== 0) {
    data.skip(4 * data.count('nsubxacts', 4), 'subxacts');
  }
  const relations: RelFileLocator[] = [];
  for (let left = data.count('nrels', 12); left > 0; left--) {
    relations.push(data.relFileLocator('xlocators'));
  }
  return relations.length === 0 ? none : [{ kind: 'drop-relations', relations }];
}

function smgrEffects(kind: number, data: MainDataReader): readonly StorageEffect[] {
  switch (kind) {
    case 0x10: {
      const relation = data.relFileLocator('rlocator');
      return [{ kind: 'create-fork', relation, forkNumber: data.uint32('forkNum') }];
    }
    case 0x20: {
      const blocks = data.uint32('blkno');
      const relation = data.relFileLocator('rlocator');
      const flags = data.uint32('flags');
      const named: readonly (TruncatedFork | undefined)[] = [
        (flags & 0x1) === 0 ? undefined : 'main',
        (flags & 0x2) === 0 ? undefined : 'vm',
        (flags & 0x4) === 0 ? undefined : 'fsm',
      ];
      return [{ kind: 'truncate', relation, blocks, forks: named.filter((fork) => fork !== undefined) }];
    }
    default:
      return none;
  }
}

function databaseEffects(kind: number, data: MainDataReader, major: number): readonly StorageEffect[] {
  const dropKind = major <= 14 ? 0x10 : 0x20;
  if (kind === dropKind) {
    const dbOid = data.uint32('db_id');
    const spcOids: number[] = [];
    for (let left = data.count('ntablespaces', 4); left > 0; left--) {
      spcOids.push(data.uint32('tablespace_ids'));
    }
    return [{ kind: 'drop-database', dbOid, spcOids }];
  }
  if (kind === 0x00) {
    return [
      {
        kind: 'create-database-copy',
        dbOid: data.uint32('db_id'),
        spcOid: data.uint32('tablespace_id'),
        sourceDbOid: data.uint32('src_db_id'),
        sourceSpcOid: data.uint32('src_tablespace_id'),
      },
    ];
  }
  return kind === 0x10
    ? [
        {
          kind: 'create-database-folder',
          dbOid: data.uint32('db_id'),
          spcOid: data.uint32('tablespace_id'),
        },
      ]
    : none;
}

function tablespaceEffects(kind: number, data: MainDataReader): readonly StorageEffect[] {
  switch (kind) {
    case 0x00:
      return [{ kind: 'create-tablespace', spcOid: data.uint32('ts_id'), path: data.text('ts_path') }];
    case 0x10:
      return [{ kind: 'drop-tablespace', spcOid: data.uint32('ts_id') }];
    default:
      return none;
  }
}
