/** Code points of which a library knows that they are assigned: a bit each, as the probe answers. */
export type CodePointBits = Uint8Array;

export const codePointLimit = 0x110000;

/** Whether a code point is in the set. */
export function hasCodePoint(bits: CodePointBits, codePoint: number): boolean {
  return (((bits[codePoint >> 3] ?? 0) >> (codePoint & 7)) & 1) === 1;
}

/** Both sets in one. */
export function unionOf(left: CodePointBits, right: CodePointBits): CodePointBits {
  return left.map((byte, index) => byte | (right[index] ?? 0));
}

/** What both sets have. */
export function intersectionOf(left: CodePointBits, right: CodePointBits): CodePointBits {
  return left.map((byte, index) => byte & (right[index] ?? 0));
}

/** The set's code points in ascending order. */
export function* codePointsOf(bits: CodePointBits): Generator<number> {
  for (let codePoint = 1; codePoint < codePointLimit; codePoint += 1)
    if (hasCodePoint(bits, codePoint)) yield codePoint;
}

/** How many code points are in the set. */
export function countCodePoints(bits: CodePointBits): number {
  let count = 0;
  for (const byte of bits) for (let rest = byte; rest > 0; rest &= rest - 1) count += 1;
  return count;
}

/** `U+0041`. */
export function codePointName(codePoint: number): string {
  return `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
}
