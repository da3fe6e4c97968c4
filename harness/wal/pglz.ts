import type { UnfoldFault } from './unfold-fault.ts';

/**
 * Decompresses `source` so that it fills `target` exactly, as `pglz_decompress` with check_complete does
 * (src/common/pg_lzcompress.c, 14-18); returns undefined when all is well, else what is wrong (then `target` is partly
 * written). Control bits go low to high: 0 a literal byte, 1 a copy of 3 to 273 bytes from up to 4,095 bytes back.
 */
export function decompressPglz(source: Uint8Array, target: Uint8Array): UnfoldFault | undefined {
  const sourceEnd = source.length;
  const targetEnd = target.length;
  let from = 0;
  let to = 0;
  while (from < sourceEnd && to < targetEnd) {
    let control = source[from++]!;
    for (let bit = 0; bit < 8 && from < sourceEnd && to < targetEnd; bit++, control >>= 1) {
      if ((control & 1) === 0) {
        target[to++] = source[from++]!;
        continue;
      }
      if (from + 2 > sourceEnd) {
        return { offset: from, problem: 'a copy is cut short' };
      }
      let length = (source[from]! & 0x0f) + 3;
      const distance = ((source[from]! & 0xf0) << 4) | source[from + 1]!;
      from += 2;
      if (length === 18) {
        if (from >= sourceEnd) {
          return { offset: from, problem: 'a long copy is cut short' };
        }
        length += source[from++]!;
      }
      if (distance === 0 || distance > to) {
        return { offset: from, problem: `a copy from ${distance} bytes back with only ${to} bytes written` };
      }
      const stop = Math.min(to + length, targetEnd);
      while (to < stop) {
        target[to] = target[to - distance]!;
        to++;
      }
    }
  }
  if (to !== targetEnd) {
    return { offset: from, problem: `only ${to} of ${targetEnd} bytes came out` };
  }
  return from === sourceEnd
    ? undefined
    : { offset: from, problem: `${sourceEnd - from} bytes are left over` };
}
