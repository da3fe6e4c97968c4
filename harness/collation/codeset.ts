import { TextDecoder } from 'node:util';

/** An encoding other than UTF-8 in which the C library has locales and PostgreSQL databases. */
export interface Codeset {
  /** As nl_langinfo(CODESET) says it. */
  readonly name: string;
  /** PostgreSQL's name of the server encoding. */
  readonly serverEncoding: string;
  /** Its characters beyond ASCII, with their bytes. */
  readonly characters: ReadonlyMap<string, Uint8Array>;
}

type Shape = 'one byte, from A0' | 'one byte, from 80' | 'EUC' | 'EUC-JP';

/** PostgreSQL's server encodings (common/encnames.c) of which glibc has locales, by glibc's names, and what decodes them. */
const rows: readonly (readonly [name: string, serverEncoding: string, decoder: string, shape: Shape])[] = [
  ['ISO-8859-1', 'LATIN1', 'iso-8859-1', 'one byte, from A0'],
  ['ISO-8859-2', 'LATIN2', 'iso-8859-2', 'one byte, from A0'],
  ['ISO-8859-3', 'LATIN3', 'iso-8859-3', 'one byte, from A0'],
  ['ISO-8859-4', 'LATIN4', 'iso-8859-4', 'one byte, from A0'],
  ['ISO-8859-5', 'ISO_8859_5', 'iso-8859-5', 'one byte, from A0'],
  ['ISO-8859-6', 'ISO_8859_6', 'iso-8859-6', 'one byte, from A0'],
  ['ISO-8859-7', 'ISO_8859_7', 'iso-8859-7', 'one byte, from A0'],
  ['ISO-8859-8', 'ISO_8859_8', 'iso-8859-8', 'one byte, from A0'],
  ['ISO-8859-9', 'LATIN5', 'iso-8859-9', 'one byte, from A0'],
  ['ISO-8859-10', 'LATIN6', 'iso-8859-10', 'one byte, from A0'],
  ['ISO-8859-13', 'LATIN7', 'iso-8859-13', 'one byte, from A0'],
  ['ISO-8859-14', 'LATIN8', 'iso-8859-14', 'one byte, from A0'],
  ['ISO-8859-15', 'LATIN9', 'iso-8859-15', 'one byte, from A0'],
  ['ISO-8859-16', 'LATIN10', 'iso-8859-16', 'one byte, from A0'],
  ['KOI8-R', 'KOI8R', 'koi8-r', 'one byte, from 80'],
  ['KOI8-U', 'KOI8U', 'koi8-u', 'one byte, from 80'],
  ['CP1251', 'WIN1251', 'windows-1251', 'one byte, from 80'],
  ['CP1255', 'WIN1255', 'windows-1255', 'one byte, from 80'],
  ['EUC-JP', 'EUC_JP', 'euc-jp', 'EUC-JP'],
  ['EUC-KR', 'EUC_KR', 'euc-kr', 'EUC'],
  ['GB2312', 'EUC_CN', 'gbk', 'EUC'],
];

/** The encoding of a C library's locale; undefined for UTF-8 and for those that no server can use. */
export function codesetNamed(name: string): Codeset | undefined {
  const row = rows.find(([known]) => known === name);
  if (row === undefined) return undefined;
  const [, serverEncoding, decoder, shape] = row;
  return { name, serverEncoding, characters: charactersOf(decoder, shape) };
}

/** The bytes of a text; undefined when the encoding lacks one of its characters. */
export function encode({ characters }: Codeset, text: string): Uint8Array | undefined {
  const parts: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) {
      parts.push(code);
      continue;
    }
    const bytes = characters.get(character);
    if (bytes === undefined) return undefined;
    parts.push(...bytes);
  }
  return Uint8Array.from(parts);
}

function charactersOf(label: string, shape: Shape): ReadonlyMap<string, Uint8Array> {
  const decoder = new TextDecoder(label, { fatal: true });
  const characters = new Map<string, Uint8Array>();
  for (const bytes of sequences(shape)) {
    const text = decoded(decoder, bytes);
    if (text === undefined || Array.from(text).length !== 1 || (text.codePointAt(0) ?? 0) < 0x80) continue;
    if (!characters.has(text)) characters.set(text, bytes);
  }
  return characters;
}

function* sequences(shape: Shape): Generator<Uint8Array> {
  const high = Array.from({ length: 0xfe - 0xa1 + 1 }, (_, step) => 0xa1 + step);
  switch (shape) {
    case 'one byte, from A0':
    case 'one byte, from 80': {
      const first = shape === 'one byte, from A0' ? 0xa0 : 0x80;
      for (let byte = first; byte <= 0xff; byte += 1) yield Uint8Array.of(byte);
      break;
    }
    case 'EUC-JP':
      yield* sequences('EUC');
      for (const byte of high) if (byte <= 0xdf) yield Uint8Array.of(0x8e, byte);
      for (const lead of high) for (const trail of high) yield Uint8Array.of(0x8f, lead, trail);
      break;
    case 'EUC':
      for (const lead of high) for (const trail of high) yield Uint8Array.of(lead, trail);
  }
}

function decoded(decoder: TextDecoder, bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
