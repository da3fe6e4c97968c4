/** Ranges of letters in which two in a row may sort as one, or change places. */
const alphabets: readonly (readonly [string, readonly (readonly [number, number])[]])[] = [
  [
    'Latin',
    [
      [0x61, 0x7a],
      [0xdf, 0xf6],
      [0xf8, 0x17f],
    ],
  ],
  ['Greek', [[0x386, 0x3ce]]],
  ['Cyrillic', [[0x400, 0x45f]]],
  [
    'Armenian',
    [
      [0x531, 0x556],
      [0x561, 0x587],
    ],
  ],
  ['Hebrew', [[0x5d0, 0x5ea]]],
  ['Arabic', [[0x621, 0x64a]]],
  ['Devanagari', [[0x901, 0x94d]]],
  ['Bengali', [[0x985, 0x9cd]]],
  ['Tamil', [[0xb85, 0xbcd]]],
  ['Thai', [[0xe01, 0xe4e]]],
  ['Lao', [[0xe81, 0xecd]]],
  ['Georgian', [[0x10d0, 0x10f0]]],
  ['Khmer', [[0x1780, 0x17d2]]],
  [
    'Hiragana and Katakana',
    [
      [0x3041, 0x3096],
      [0x30a1, 0x30fc],
    ],
  ],
];

/** Every ASCII character, every pair of printable ones, and every three letters. */
export function* asciiStrings(): Generator<string> {
  for (let code = 1; code < 0x80; code += 1) yield String.fromCharCode(code);
  const printable = range(0x20, 0x7e);
  yield* pairs(printable);
  const letters = range(0x61, 0x7a);
  for (const first of letters) for (const pair of pairs(letters)) yield first + pair;
}

/** Every pair of Latin-1's printable characters. */
export function latin1Strings(): Generator<string> {
  return pairs([...range(0x41, 0x5a), ...range(0x61, 0x7a), ...range(0xa0, 0xff)]);
}

/** Every pair of letters of an alphabet, for many alphabets. */
export function* letterPairs(): Generator<string> {
  for (const [, ranges] of alphabets) yield* pairs(ranges.flatMap(([first, last]) => range(first, last)));
}

function* pairs(characters: readonly string[]): Generator<string> {
  for (const first of characters) for (const second of characters) yield first + second;
}

function range(first: number, last: number): readonly string[] {
  return Array.from({ length: last - first + 1 }, (_, step) => String.fromCodePoint(first + step));
}
