/** Slice-by-8 tables, one after the other: table 0 advances a CRC by one byte, table k by one byte and k zero bytes. */
const tables = makeTables();

function makeTables(): Int32Array {
  const reflectedCastagnoli = 0x82f63b78;
  const made = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 1 ? (crc >>> 1) ^ reflectedCastagnoli : crc >>> 1;
    }
    made[byte] = crc;
  }
  for (let index = 256; index < made.length; index++) {
    const shorter = made[index - 256]!;
    made[index] = (shorter >>> 8) ^ made[shorter & 0xff]!;
  }
  return made;
}

/** The state before the first byte; pass it to {@link updateCrc32c}. */
export const crc32cStart = -1;

/** Folds `bytes[start..end)` into a running CRC-32C state (not inverted); the caller has checked the bounds. */
export function updateCrc32c(state: number, bytes: Uint8Array, start: number, end: number): number {
  const t = tables;
  let crc = state;
  let at = start;
  for (const last = end - 8; at <= last; at += 8) {
    crc =
      t[1792 + ((crc ^ bytes[at]!) & 0xff)]! ^
      t[1536 + (((crc >>> 8) ^ bytes[at + 1]!) & 0xff)]! ^
      t[1280 + (((crc >>> 16) ^ bytes[at + 2]!) & 0xff)]! ^
      t[1024 + ((crc >>> 24) ^ bytes[at + 3]!)]! ^
      t[768 + bytes[at + 4]!]! ^
      t[512 + bytes[at + 5]!]! ^
      t[256 + bytes[at + 6]!]! ^
      t[bytes[at + 7]!]!;
  }
  for (; at < end; at++) {
    crc = (crc >>> 8) ^ t[(crc ^ bytes[at]!) & 0xff]!;
  }
  return crc;
}

/** CRC-32C (Castagnoli) of `bytes[start..end)` as an unsigned number, as PostgreSQL's pg_crc32c.h computes it. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  return ~updateCrc32c(crc32cStart, bytes, start, end) >>> 0;
}

/** CRC-32C of one WAL record at `offset`, header last and without its own CRC field, as `ValidXLogRecord` does (xlogreader.c, 9.5+). */
export function recordCrc32c(bytes: Uint8Array, offset: number, length: number): number {
  const body = updateCrc32c(crc32cStart, bytes, offset + 24, offset + length);
  return ~updateCrc32c(body, bytes, offset, offset + 20) >>> 0;
}
