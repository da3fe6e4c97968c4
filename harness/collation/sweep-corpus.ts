import { type CodePointBits, codePointsOf } from './code-point-set.ts';
import { type Codeset, encode } from './codeset.ts';
import { addPatterns } from './code-point-patterns.ts';
import { type CollationCorpus, CorpusBuilder } from './corpus.ts';
import { generatedStrings, randomAsciiStrings } from './generated-strings.ts';
import { readNames } from './stored-strings.ts';
import { asciiStrings, latin1Strings, letterPairs } from './systematic-strings.ts';

/**
 * All that a sweep puts in order: everyday strings, small alphabets gone through pair by pair, and every code point of
 * `assigned` in every pattern; of these what `codeset` has, if there is one.
 */
export async function sweepCorpus(assigned: CodePointBits, codeset?: Codeset): Promise<CollationCorpus> {
  const builder = new CorpusBuilder(
    codeset === undefined ? undefined : (text) => encode(codeset, text) !== undefined,
  )
    .addStrings('generated text', 'everyday', generatedStrings())
    .addStrings('names', 'everyday', await readNames())
    .addStrings('ASCII', 'systematic', asciiStrings())
    .addStrings('random ASCII', 'systematic', randomAsciiStrings())
    .addStrings('Latin-1', 'systematic', latin1Strings())
    .addStrings('pairs of letters', 'systematic', letterPairs());
  addPatterns(builder, everydayFirst(assigned));
  return builder.build();
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
