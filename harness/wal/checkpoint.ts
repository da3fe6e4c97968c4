import type { DecodedRecord } from './decoded-record.ts';
import { MainDataReader } from './main-data.ts';
import { rmgrIds } from './names.ts';
import type { RawRecord } from './raw-record.ts';

/** sizeof(CheckPoint) (catalog/pg_control.h): the same in 14 to 18, since what 17 added lies in what was padding. */
export const checkpointBytes = 88;

/** Where a CheckPoint has its counters, the same in 14 to 18 on 64-bit machines. */
export const checkpointOffset = {
  redo: 0,
  nextXid: 24,
  nextOid: 32,
  nextMulti: 36,
  nextMultiOffset: 40,
  oldestXid: 44,
  oldestXidDb: 48,
  oldestMulti: 52,
  oldestMultiDb: 56,
} as const;

const shutdown = 0x00;
const online = 0x10;
const nextOid = 0x30;

/** What a record of the resource manager XLOG says of the cluster's counters. */
export type CounterRecord =
  | { readonly kind: 'checkpoint'; readonly isShutdown: boolean; readonly bytes: Buffer }
  | { readonly kind: 'next-oid'; readonly oid: number };

/** The counters that a record sets; undefined for one that sets none. Throws `wal-corrupt-main-data`. */
export function counterRecord(raw: RawRecord, decoded: DecodedRecord): CounterRecord | undefined {
  if (decoded.rmgrId !== rmgrIds.xlog) return undefined;
  const kind = decoded.info & 0xf0;
  const data = new MainDataReader(raw, decoded);
  switch (kind) {
    case shutdown:
    case online:
      return {
        kind: 'checkpoint',
        isShutdown: kind === shutdown,
        bytes: data.bytes(checkpointBytes, 'CheckPoint'),
      };
    case nextOid:
      return { kind: 'next-oid', oid: data.uint32('nextOid') };
    default:
      return undefined;
  }
}
