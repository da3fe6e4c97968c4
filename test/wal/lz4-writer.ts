import { longestMatch } from './longest-match.ts';

const shortestCopy = 4;
const farthest = 4000;
/** By the format's rule the last five bytes are literals. */
const literalTail = 5;

/** A slow LZ4 block compressor for tests, after lz4_Block_format.md. */
export function compressLz4(source: Uint8Array): Buffer {
  const out: number[] = [];
  let literalStart = 0;
  let at = 0;
  while (at < source.length) {
    const [distance, length] = longestMatch(source, at, farthest, source.length - literalTail - at);
    if (length < shortestCopy) {
      at++;
      continue;
    }
    writeSequence(out, source.subarray(literalStart, at), length - shortestCopy);
    out.push(distance & 0xff, distance >> 8);
    writeRest(out, length - shortestCopy);
    at += length;
    literalStart = at;
  }
  writeSequence(out, source.subarray(literalStart), 0);
  return Buffer.from(out);
}

function writeSequence(out: number[], literals: Uint8Array, copyLength: number): void {
  out.push((Math.min(literals.length, 15) << 4) | Math.min(copyLength, 15));
  writeRest(out, literals.length);
  out.push(...literals);
}

function writeRest(out: number[], length: number): void {
  for (let rest = length - 15; rest >= 0; rest -= 255) out.push(Math.min(rest, 255));
}
