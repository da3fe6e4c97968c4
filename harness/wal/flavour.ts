import type { DecodedRecord } from './decoded-record.ts';
import { rmgrIds } from './names.ts';

/** Whose modifications the WAL carries: a bundle and the WAL that it replays must belong to one flavour. */
export type WalFlavour = 'vanilla' | 'neon';

/** Neon's own resource manager of majors 16 and 17, which writes heap records with a command id. */
const neonRmgrId = 134;
const heapOperationMask = 0x70;

interface MainDataBytes {
  readonly vanilla: number;
  readonly neon: number;
}

/**
 * Length of the main data of heap records by operation, without the old tuple that wal_level=logical adds: vanilla's as
 * in heapam_xlog.h (14-18), and with the command id that Neon's 14 and 15 put in. An old tuple is never that short.
 */
const mainDataBytes: ReadonlyMap<number, MainDataBytes> = new Map([
  [0x10, { vanilla: 8, neon: 14 }], // DELETE
  [0x20, { vanilla: 14, neon: 18 }], // UPDATE
  [0x40, { vanilla: 14, neon: 18 }], // HOT_UPDATE
  [0x60, { vanilla: 8, neon: 14 }], // LOCK
]);

/**
 * The flavour that a record gives away, undefined if it could be of either. Neon's 14 and 15 write longer delete, update
 * and lock records; its 16 and 17 write them under a resource manager of its own.
 */
export function flavourOf({ rmgrId, info, mainDataLength }: DecodedRecord): WalFlavour | undefined {
  if (rmgrId === neonRmgrId) return 'neon';
  if (rmgrId !== rmgrIds.heap) return undefined;
  const bytes = mainDataBytes.get(info & heapOperationMask);
  if (mainDataLength === bytes?.vanilla) return 'vanilla';
  return mainDataLength === bytes?.neon ? 'neon' : undefined;
}
