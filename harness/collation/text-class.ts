import { type CollationCorpus } from './corpus.ts';

/** Text of which one would like to hear that it is safe. */
export type TextClass = 'ASCII' | 'Latin-1';

export const textClasses: readonly TextClass[] = ['ASCII', 'Latin-1'];

/** The strings of a corpus that have nothing but characters of a class, in ascending order. */
export function stringsOfClass({ bytes, offsets, count }: CollationCorpus, wanted: TextClass): Uint32Array {
  const members = new Uint32Array(count);
  let found = 0;
  for (let index = 0; index < count; index += 1) {
    if (!isOfClass(bytes, offsets[index] ?? 0, (offsets[index + 1] ?? 1) - 1, wanted)) continue;
    members[found] = index;
    found += 1;
  }
  return members.slice(0, found);
}

/**
 * Latin-1 ends with U+00FF, which is C3 BF in UTF-8: its lead bytes are C2 and C3. Control characters beyond
 * ASCII's first are not text.
 */
function isOfClass(bytes: Uint8Array, begin: number, end: number, wanted: TextClass): boolean {
  for (let at = begin; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte > 0x7f && (wanted === 'ASCII' || byte > 0xc3)) return false;
    if (wanted === 'Latin-1' && byte === 0x7f) return false;
    if (byte === 0xc2 && (bytes[at + 1] ?? 0) < 0xa0) return false;
  }
  return true;
}
