/** Slice-by-16 tables, one after the other: table 0 advances a CRC by one byte, table k by one byte and k zero bytes. */
const tables = makeTables();

function makeTables(): Int32Array {
  const reflectedCastagnoli = 0x82f63b78;
  const made = new Int32Array(16 * 256);
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

/** The state before the first byte; states are not inverted. */
const crc32cStart = -1;

function updateByBytes(state: number, bytes: Uint8Array, start: number, end: number): number {
  const t = tables;
  let crc = state;
  for (let at = start; at < end; at++) {
    crc = (crc >>> 8) ^ t[(crc ^ bytes[at]!) & 0xff]!;
  }
  return crc;
}

/** Folds whole words into a state: sixteen bytes a step, then four. */
function updateByWords(state: number, words: Int32Array, start: number, end: number): number {
  const t = tables;
  let crc = state;
  let at = start;
  for (const last = end - 4; at <= last; at += 4) {
    const a = crc ^ words[at]!;
    const b = words[at + 1]!;
    const c = words[at + 2]!;
    const d = words[at + 3]!;
    crc =
      t[3840 + (a & 0xff)]! ^
      t[3584 + ((a >>> 8) & 0xff)]! ^
      t[3328 + ((a >>> 16) & 0xff)]! ^
      t[3072 + (a >>> 24)]! ^
      (t[2816 + (b & 0xff)]! ^
        t[2560 + ((b >>> 8) & 0xff)]! ^
        t[2304 + ((b >>> 16) & 0xff)]! ^
        t[2048 + (b >>> 24)]!) ^
      (t[1792 + (c & 0xff)]! ^
        t[1536 + ((c >>> 8) & 0xff)]! ^
        t[1280 + ((c >>> 16) & 0xff)]! ^
        t[1024 + (c >>> 24)]!) ^
      (t[768 + (d & 0xff)]! ^ t[512 + ((d >>> 8) & 0xff)]! ^ t[256 + ((d >>> 16) & 0xff)]! ^ t[d >>> 24]!);
  }
  for (; at < end; at++) {
    const a = crc ^ words[at]!;
    crc = t[768 + (a & 0xff)]! ^ t[512 + ((a >>> 8) & 0xff)]! ^ t[256 + ((a >>> 16) & 0xff)]! ^ t[a >>> 24]!;
  }
  return crc;
}

/** CRC-32C (Castagnoli) of `bytes[start..end)` as an unsigned number, as PostgreSQL's pg_crc32c.h computes it. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  return ~updateByBytes(crc32cStart, bytes, start, end) >>> 0;
}

/**
 * CRC-32C of one WAL record at `offset`, header last and without its own CRC field, as `ValidXLogRecord` does
 * (xlogreader.c, 9.5+). `words` is the memory of `bytes`, and the offset a multiple of 4, as that of every record in the
 * WAL is; the caller has checked the bounds.
 */
export function recordCrc32c(bytes: Uint8Array, words: Int32Array, offset: number, length: number): number {
  const first = offset >>> 2;
  const wholeWords = length >>> 2;
  const body = updateByWords(crc32cStart, words, first + 6, first + wholeWords);
  const tail = updateByBytes(body, bytes, offset + 4 * wholeWords, offset + length);
  return ~updateByWords(tail, words, first, first + 5) >>> 0;
}
