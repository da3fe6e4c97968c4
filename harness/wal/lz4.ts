import type { UnfoldFault } from './unfold-fault.ts';

const shortestCopy = 4;
/** A length that fills its four bits goes on in the following bytes, until one is not 255. */
const lengthGoesOn = 15;

/**
 * Decompresses one LZ4 block (no frame, as `LZ4_compress_default` writes it for full-page images, 15-18) so that it
 * fills `target` exactly; returns undefined when all is well, else what is wrong (then `target` is partly written). A
 * sequence is a token, literals, a distance and a copy; the last one ends after its literals.
 */
export function decompressLz4(source: Uint8Array, target: Uint8Array): UnfoldFault | undefined {
  let from = 0;
  let to = 0;
  /** Reads the rest of a length; the caller notices by `from` when the source ends in it. */
  const extend = (length: number): number => {
    if (length !== lengthGoesOn) {
      return length;
    }
    let total = length;
    let byte: number;
    do {
      byte = source[from++] ?? 0;
      total += byte;
    } while (byte === 255);
    return total;
  };
  while (from < source.length) {
    const token = source[from++]!;
    const literals = extend(token >> 4);
    if (literals > source.length - from || literals > target.length - to) {
      return { offset: from, problem: `${literals} literal bytes do not fit` };
    }
    target.set(source.subarray(from, from + literals), to);
    from += literals;
    to += literals;
    if (from === source.length) {
      return to === target.length
        ? undefined
        : { offset: from, problem: `only ${to} of ${target.length} bytes came out` };
    }
    if (from + 2 > source.length) {
      return { offset: from, problem: 'a copy is cut short' };
    }
    const distance = source[from]! | (source[from + 1]! << 8);
    from += 2;
    const length = extend(token & 0x0f) + shortestCopy;
    if (distance === 0 || distance > to) {
      return { offset: from, problem: `a copy from ${distance} bytes back with only ${to} bytes written` };
    }
    if (length > target.length - to) {
      return { offset: from, problem: `a copy of ${length} bytes does not fit` };
    }
    for (const stop = to + length; to < stop; to++) {
      target[to] = target[to - distance]!;
    }
  }
  return { offset: from, problem: 'the block ends behind a copy' };
}
