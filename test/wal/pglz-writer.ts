import { longestMatch } from './longest-match.ts';

const shortestCopy = 3;
const longestCopy = 273;
const farthest = 4095;

/** A slow pglz compressor for tests: the longest earlier match at each place, as pg_lzcompress.c describes the format. */
export function compressPglz(source: Uint8Array): Buffer {
  const out: number[] = [];
  let at = 0;
  while (at < source.length) {
    const controlAt = out.push(0) - 1;
    for (let bit = 0; bit < 8 && at < source.length; bit++) {
      const [distance, length] = longestMatch(source, at, farthest, longestCopy);
      if (length < shortestCopy) {
        out.push(source[at++]!);
        continue;
      }
      out[controlAt]! |= 1 << bit;
      const low = Math.min(length, 18) - 3;
      out.push(((distance >> 8) << 4) | low, distance & 0xff);
      if (length >= 18) out.push(length - 18);
      at += length;
    }
  }
  return Buffer.from(out);
}
