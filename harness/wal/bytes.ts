import { joinLsn } from './lsn.ts';
import type { Lsn } from './lsn.ts';

/*
 * Unaligned little-endian reads without bounds checks of their own: on the hot path a record's length is checked once
 * and Buffer's methods would check every field again. The caller has checked that the bytes exist.
 */

/** Unsigned 16-bit little-endian number at `offset`; the caller has checked the bounds. */
export function readUint16(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! | (bytes[offset + 1]! << 8);
}

/** Unsigned 32-bit little-endian number at `offset`; the caller has checked the bounds. */
export function readUint32(bytes: Uint8Array, offset: number): number {
  return (
    (bytes[offset]! | (bytes[offset + 1]! << 8) | (bytes[offset + 2]! << 16) | (bytes[offset + 3]! << 24)) >>>
    0
  );
}

/** The 64-bit little-endian LSN at `offset` as a number; the caller has checked the bounds; throws `lsn-out-of-range` beyond 2^53. */
export function readLsn(bytes: Uint8Array, offset: number): Lsn {
  return joinLsn(readUint32(bytes, offset + 4), readUint32(bytes, offset));
}
