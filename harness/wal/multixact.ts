import type { DecodedRecord } from './decoded-record.ts';
import { MainDataReader } from './main-data.ts';
import { rmgrIds } from './names.ts';
import type { RawRecord } from './raw-record.ts';

/** One of the transactions that a multixact stands for, and what it does to the row (MultiXactStatus). */
export interface MultiXactMember {
  readonly xid: number;
  readonly status: number;
}

/** What a record of the resource manager MultiXact does to pg_multixact. */
export type MultiXactEffect =
  | { readonly kind: 'zero-offsets-page'; readonly page: number }
  | { readonly kind: 'zero-members-page'; readonly page: number }
  | {
      readonly kind: 'create';
      readonly multi: number;
      readonly offset: number;
      readonly members: readonly MultiXactMember[];
    }
  /** Those older than `oldestMulti` are gone. */
  | { readonly kind: 'truncate'; readonly oldestMulti: number; readonly oldestMultiDb: number };

/**
 * What a record does to pg_multixact; undefined for one of another resource manager. Throws `wal-corrupt-main-data`. Page
 * numbers have 64 bits from 17 on, of which the lower 32 are used. Source: multixact.h of 14 to 18.
 */
export function multiXactEffect(raw: RawRecord, decoded: DecodedRecord): MultiXactEffect | undefined {
  if (decoded.rmgrId !== rmgrIds.multiXact) return undefined;
  const data = new MainDataReader(raw, decoded);
  switch (decoded.info & 0xf0) {
    case 0x00:
      return { kind: 'zero-offsets-page', page: data.uint32('pageno') };
    case 0x10:
      return { kind: 'zero-members-page', page: data.uint32('pageno') };
    case 0x20: {
      const multi = data.uint32('mid');
      const offset = data.uint32('moff');
      const members: MultiXactMember[] = [];
      for (let left = data.count('nmembers', 8); left > 0; left--) {
        members.push({ xid: data.uint32('xid'), status: data.uint32('status') });
      }
      return { kind: 'create', multi, offset, members };
    }
    case 0x30: {
      const oldestMultiDb = data.uint32('oldestMultiDB');
      data.skip(4, 'startTruncOff');
      return { kind: 'truncate', oldestMultiDb, oldestMulti: data.uint32('endTruncOff') };
    }
    default:
      return undefined;
  }
}
