import { type CodePointBits, codePointsOf } from './code-point-set.ts';
import { type Codeset, encode } from './codeset.ts';
import { addPatterns } from './code-point-patterns.ts';
import { type CollationCorpus, CorpusBuilder } from './corpus.ts';
import { generatedStrings, randomAsciiStrings } from './generated-strings.ts';
import { readNames } from './stored-strings.ts';
import { asciiStrings, latin1Strings, letterPairs } from './systematic-strings.ts';

/**
 * All that a sweep puts in order: the user's `own` strings, everyday strings, small alphabets gone through pair by pair, and every
 * code point of `assigned` in every pattern; of these what `codeset` has, if there is one.
 */
export async function sweepCorpus(
  assigned: CodePointBits,
  codeset?: Codeset,
  own: readonly string[] = [],
): Promise<CollationCorpus> {
  const builder = ownStrings(codeset, own)
    .addStrings('generated text', 'everyday', generatedStrings())
    .addStrings('names', 'everyday', await readNames())
    .addStrings('ASCII', 'systematic', asciiStrings())
    .addStrings('random ASCII', 'systematic', randomAsciiStrings())
    .addStrings('Latin-1', 'systematic', latin1Strings())
    .addStrings('pairs of letters', 'systematic', letterPairs());
  addPatterns(builder, everydayFirst(assigned));
  return builder.build();
}

/** The user's own strings, as far as `codeset` has them, alone. */
export function ownCorpus(codeset: Codeset | undefined, own: readonly string[]): CollationCorpus {
  return ownStrings(codeset, own).build();
}

function ownStrings(codeset: Codeset | undefined, own: readonly string[]): CorpusBuilder {
  const accepts = codeset && ((text: string) => encode(codeset, text) !== undefined);
  return new CorpusBuilder(accepts).addStrings('own', 'own', own);
}

/** Letters and digits of ASCII, then the other code points in their order, control characters last. */
function everydayFirst(assigned: CodePointBits): Uint32Array {
  const all = [...codePointsOf(assigned)];
  return Uint32Array.from([0, 1, 2].flatMap((wanted) => all.filter((each) => classOf(each) === wanted)));
}

function classOf(codePoint: number): 0 | 1 | 2 {
  const character = String.fromCodePoint(codePoint);
  if (/[a-zA-Z0-9]/.test(character)) return 0;
  return /\p{Cc}/u.test(character) ? 2 : 1;
}
