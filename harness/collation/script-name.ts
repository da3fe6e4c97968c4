/** Every script of Unicode that has letters enough to be told; what is of none of them is "Common". */
const names = (
  'Latin Greek Cyrillic Armenian Hebrew Arabic Syriac Thaana Nko Samaritan Mandaic Devanagari Bengali Gurmukhi Gujarati ' +
  'Oriya Tamil Telugu Kannada Malayalam Sinhala Thai Lao Tibetan Myanmar Georgian Hangul Ethiopic Cherokee ' +
  'Canadian_Aboriginal Ogham Runic Khmer Mongolian Hiragana Katakana Bopomofo Han Yi Tifinagh Coptic Glagolitic Lisu Vai ' +
  'Cuneiform Egyptian_Hieroglyphs Anatolian_Hieroglyphs Tangut Nushu Khitan_Small_Script Bamum Balinese Javanese Sundanese ' +
  'Cham Tai_Tham Tai_Viet Meetei_Mayek Adlam Hanifi_Rohingya Medefaidrin Miao Pahawh_Hmong Linear_A Linear_B Gothic Deseret ' +
  'Osage Vithkuqi Kharoshthi Brahmi Grantha Newa Tirhuta Siddham Modi Takri Ahom Dogra Nandinagari Kawi SignWriting ' +
  'Mende_Kikakui Duployan Inherited'
).split(' ');

const patterns = names.map(
  (name) => [name.replaceAll('_', ' '), new RegExp(`^\\p{Script=${name}}`, 'u')] as const,
);

/** The script of a code point, as Node's Unicode has it. */
export function scriptName(codePoint: number): string {
  const character = String.fromCodePoint(codePoint);
  return patterns.find(([, pattern]) => pattern.test(character))?.[0] ?? 'Common';
}

/** How many code points of each script, the most first. */
export function countScripts(codePoints: Iterable<number>): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const codePoint of codePoints) {
    const name = scriptName(codePoint);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].toSorted(([a, one], [b, other]) => other - one || (a < b ? -1 : 1)));
}
