import { RedoubtError } from '../error.ts';
import { decodeRecord } from './decode.ts';
import type { Lsn } from './lsn.ts';
import { firstCustomId, recordKind, rmgrIds } from './names.ts';
import { rawRecordFromBytes } from './raw-record.ts';

const kindMask = 0xf0;

/**
 * Bytes of main data, by resource manager and operation, of records that majors write in different ways: heap2's
 * (xl_heap_prune, xl_heap_vacuum, xl_heap_freeze_page; heapam_xlog.h) and xl_btree_delete (nbtxlog.h).
 */
const lengths: ReadonlyMap<number, (major: number) => readonly number[]> = new Map([
  [kindId(rmgrIds.heap2, 0x10), (major) => (major >= 17 ? [2, 6] : major === 16 ? [9] : [8])],
  [kindId(rmgrIds.heap2, 0x20), (major) => (major >= 17 ? [2, 6] : [2])],
  [kindId(rmgrIds.heap2, 0x30), (major) => (major >= 17 ? [2, 6] : major === 16 ? [7] : [6])],
  [kindId(rmgrIds.btree, 0x70), (major) => (major >= 16 ? [9] : [8])],
]);

function kindId(rmgrId: number, info: number): number {
  return 0x100 * rmgrId + (info & kindMask);
}

function isKind(rmgrId: number, info: number, major: number): boolean {
  // Those of an extension's resource manager are its own affair.
  return rmgrId >= firstCustomId || !recordKind(rmgrId, info, major).startsWith('UNKNOWN');
}

/**
 * True when a server of the major could have written the record: it can be decoded, its kind is defined, and its main data
 * is as long as that major makes it. Majors that write a kind in the same way cannot be told apart by it.
 */
export function isRecordOfMajor(bytes: Buffer, endLsn: Lsn, major: number): boolean {
  try {
    const { rmgrId, info, mainDataLength } = decodeRecord(rawRecordFromBytes(bytes, endLsn), major);
    const known = lengths.get(kindId(rmgrId, info))?.(major);
    return isKind(rmgrId, info, major) && known?.includes(mainDataLength) !== false;
  } catch (error) {
    if (error instanceof RedoubtError && error.code.startsWith('wal-corrupt-')) return false;
    throw error;
  }
}
