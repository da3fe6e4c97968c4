import { type Codeset, encode } from './codeset.ts';
import { type CollationCorpus, stringAt } from './corpus.ts';

/** A corpus as a database of an encoding would hold it: the same strings in the same order, each ended by a NUL byte. */
export function encodedCorpus(corpus: CollationCorpus, codeset: Codeset | undefined): Uint8Array {
  if (codeset === undefined) return corpus.bytes;
  // EUC-JP writes in three bytes what UTF-8 writes in two, and nothing grows more.
  const bytes = Buffer.alloc(2 * corpus.bytes.length);
  let length = 0;
  for (let index = 0; index < corpus.count; index += 1) {
    const encoded = encode(codeset, stringAt(corpus, index));
    if (encoded === undefined) throw new RangeError(`string ${String(index)} is not of ${codeset.name}`);
    bytes.set(encoded, length);
    // What is written over was zero.
    length += encoded.length + 1;
  }
  return bytes.subarray(0, length);
}
