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

/**
 * The 64-bit little-endian LSN at `offset` as a number; the caller has checked the bounds. A damaged one beyond 2^53
 * comes out inexact, but still compares greater than every sound one.
 */
export function readLsn(bytes: Uint8Array, offset: number): Lsn {
  return readUint32(bytes, offset + 4) * 0x1_0000_0000 + readUint32(bytes, offset);
}

/** The LSN at `offset` as PostgreSQL writes it, exact even when it is damaged: for messages. */
export function readLsnText(bytes: Uint8Array, offset: number): string {
  const [high, low] = [readUint32(bytes, offset + 4), readUint32(bytes, offset)];
  return `${high.toString(16).toUpperCase()}/${low.toString(16).toUpperCase()}`;
}
