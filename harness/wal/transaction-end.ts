import type { DecodedRecord } from './decoded-record.ts';
import { MainDataReader } from './main-data.ts';
import { rmgrIds } from './names.ts';
import type { RawRecord } from './raw-record.ts';

/** What a record says of how transactions end. */
export type TransactionEnd =
  | { readonly kind: 'committed' | 'aborted'; readonly xids: readonly number[]; readonly prepared: boolean }
  /** Whether it commits is for a later record to say. */
  | { readonly kind: 'prepared'; readonly xid: number };

const kindMask = 0x70;
const commit = 0x00;
const prepare = 0x10;
const abort = 0x20;
const commitPrepared = 0x30;
const abortPrepared = 0x40;
const hasInfo = 0x80;

/** xinfo bits (access/xact.h, 14-18), in the order of the parts. */
const hasDbInfo = 1 << 0;
const hasSubxacts = 1 << 1;
const hasRelations = 1 << 2;
const hasDroppedStats = 1 << 8;
const hasInvalidations = 1 << 3;
const hasTwoPhase = 1 << 4;

/**
 * The transactions, subtransactions included, that a record of the resource manager Transaction ends or prepares;
 * undefined for any other record, and for one that ends none. Throws `wal-corrupt-main-data`. Source:
 * ParseCommitRecord and ParseAbortRecord (xactdesc.c) of 14 to 18.
 */
export function transactionEnd(
  raw: RawRecord,
  decoded: DecodedRecord,
  major: number,
): TransactionEnd | undefined {
  if (decoded.rmgrId !== rmgrIds.transaction) return undefined;
  const kind = decoded.info & kindMask;
  switch (kind) {
    case prepare:
      return { kind: 'prepared', xid: decoded.xid };
    case commit:
    case commitPrepared:
    case abort:
    case abortPrepared: {
      const prepared = kind === commitPrepared || kind === abortPrepared;
      const commits = kind === commit || kind === commitPrepared;
      const { xid, subxacts } = partsOf(raw, decoded, major, commits);
      const xids = [prepared ? xid : decoded.xid, ...subxacts].filter((each) => each !== 0);
      return { kind: commits ? 'committed' : 'aborted', xids, prepared };
    }
    default:
      return undefined;
  }
}

/** The transaction that was prepared, 0 if none was, and the subtransactions. */
function partsOf(
  raw: RawRecord,
  decoded: DecodedRecord,
  major: number,
  commits: boolean,
): { readonly xid: number; readonly subxacts: readonly number[] } {
  if ((decoded.info & hasInfo) === 0) return { xid: 0, subxacts: [] };
  const data = new MainDataReader(raw, decoded);
  data.skip(8, 'xact_time');
  const xinfo = data.uint32('xinfo');
  const has = (bit: number): boolean => (xinfo & bit) !== 0;
  if (has(hasDbInfo)) data.skip(8, 'xl_xact_dbinfo');
  const subxacts: number[] = [];
  if (has(hasSubxacts)) {
    for (let left = data.count('nsubxacts', 4); left > 0; left--) subxacts.push(data.uint32('subxacts'));
  }
  if (!has(hasTwoPhase)) return { xid: 0, subxacts };
  const skipItems = (field: string, itemBytes: number): void => {
    data.skip(data.count(field, itemBytes) * itemBytes, field);
  };
  if (has(hasRelations)) skipItems('nrels', 12);
  // 18 has 64 bits for what an object is called in the statistics; 14 does not know the part.
  if (major >= 15 && has(hasDroppedStats)) skipItems('nitems', major >= 18 ? 16 : 12);
  if (commits && has(hasInvalidations)) skipItems('nmsgs', 16);
  return { xid: data.uint32('xl_xact_twophase.xid'), subxacts };
}
