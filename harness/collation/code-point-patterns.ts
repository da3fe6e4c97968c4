import type { CorpusBuilder } from './corpus.ts';

/** One place of a code point in a string. Patterns of one family are compared with one another, those of others are not. */
interface Pattern {
  readonly name: string;
  readonly family: string;
  /** `living`: without ideographs, syllables and what lies beyond the first plane, of which there are 130,000, all alike. */
  readonly among: 'all' | 'living' | 'emoji';
  readonly text: (character: string) => string;
}

const zeroWidthJoiner = '\u200D';

/**
 * Two strings that differ in the character and in what follows show its level: whether the character or the letter
 * behind it decides.
 */
const patterns: readonly Pattern[] = [
  pattern('alone', 'alone', (c) => c, 'all'),
  pattern('before a', 'before letters', (c) => `${c}a`),
  pattern('before b', 'before letters', (c) => `${c}b`),
  pattern('after a', 'after a letter', (c) => `a${c}`),
  pattern('between a and b', 'between letters', (c) => `a${c}b`),
  pattern('between a and c', 'between letters', (c) => `a${c}c`),
  pattern('after A', 'after a capital', (c) => `A${c}`),
  pattern('before 1', 'before digits', (c) => `${c}1`),
  pattern('before 2', 'before digits', (c) => `${c}2`),
  pattern('after 1', 'after a digit', (c) => `1${c}`),
  pattern('repeated', 'repeated', (c) => c + c),
  pattern('with U+0301', 'combining', (c) => `${c}\u0301`),
  pattern('with U+0323 and U+0301', 'combining', (c) => `${c}\u0323\u0301`),
  pattern('after a space', 'after a space', (c) => `a ${c}`),
  emoji('with U+FE0F', (c) => `${c}\uFE0F`),
  emoji('with a skin tone', (c) => `${c}\u{1F3FD}`),
  emoji('joined', (c) => `${c}${zeroWidthJoiner}\u{1F4BB}`),
];

/** Families in which a character stands for itself: what moves there is what is counted. */
export const plainFamilies: readonly string[] = ['alone', 'before letters'];

/** The other families: there combining marks and neighbours move along, so that they only count where nothing else does. */
export function otherFamilies(): readonly string[] {
  const families = new Set(patterns.map(({ family }) => family));
  return [...families].filter((family) => !plainFamilies.includes(family));
}

/** The family to which a section of a corpus belongs; undefined for sections that are no patterns. */
export function familyOfSection(section: string): string | undefined {
  return patterns.find(({ name }) => name === section)?.family;
}

/** Adds every pattern of the code points. */
export function addPatterns(builder: CorpusBuilder, codePoints: Uint32Array): void {
  const emojis = codePoints.filter((codePoint) =>
    /\p{Extended_Pictographic}/u.test(String.fromCodePoint(codePoint)),
  );
  const isEmoji = new Set(emojis);
  const living = codePoints.filter((codePoint) => isLiving(codePoint) || isEmoji.has(codePoint));
  const subjects = { all: codePoints, living, emoji: emojis };
  for (const { name, among, text } of patterns) builder.addPattern(name, subjects[among], text);
}

/** Of the first plane, and no Han ideograph or Hangul syllable. */
function isLiving(codePoint: number): boolean {
  return (
    codePoint < 0x10000 &&
    !(codePoint >= 0x3400 && codePoint <= 0x9fff) &&
    !(codePoint >= 0xac00 && codePoint <= 0xd7a3) &&
    !(codePoint >= 0xf900 && codePoint <= 0xfaff)
  );
}

function pattern(
  name: string,
  family: string,
  text: Pattern['text'],
  among: Pattern['among'] = 'living',
): Pattern {
  return { name, family, among, text };
}

function emoji(name: string, text: Pattern['text']): Pattern {
  return pattern(name, 'emoji sequences', text, 'emoji');
}
