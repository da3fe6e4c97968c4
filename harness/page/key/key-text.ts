/** A text of an index's key, and its code points, as in `U+00EB`. */
export interface KeyText {
  readonly text: string;
  readonly codePoints: readonly string[];
}

const shortHeaderBytes = 1;
const longHeaderBytes = 4;
const firstPrintable = 0x20;
/** Tab, newline, carriage return. */
const blanks: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0d]);
/** Longest datum with a header of one byte (VARATT_SHORT_MAX, varatt.h). */
const longestShort = 0x7f;

/**
 * The texts that a key of an index tuple is made of; undefined unless it is nothing but texts (varlena in UTF-8, neither
 * compressed nor empty, with the zeros that align them; varatt.h, 14-18). A number can look like a short text: only who
 * knows the column is sure.
 */
export function keyTexts(key: Buffer): readonly KeyText[] | undefined {
  const texts: KeyText[] = [];
  let at = 0;
  while (at < key.length) {
    const start = textStart(key, at);
    if (start === undefined) {
      // Zeros behind the last text align the tuple; before another one they align that.
      if (key[at] !== 0) return undefined;
      at++;
      continue;
    }
    const bytes = key.subarray(start.from, start.end);
    const text = isPlain(bytes) ? textOf(bytes) : undefined;
    if (text === undefined) return undefined;
    texts.push(text);
    at = start.end;
  }
  return texts.length === 0 ? undefined : texts;
}

/** The text of these bytes; undefined where they are no UTF-8. */
export function textOf(bytes: Buffer): KeyText | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { text, codePoints: Array.from(text, codePointName) };
  } catch {
    return undefined;
  }
}

/** As people read it: `"Zoë" U+005A U+006F U+00EB`; what would not show, or would move the rest of a line, by its code point. */
export function keyTextWords(texts: readonly KeyText[]): string {
  return texts
    .map(({ text, codePoints }) => {
      const shown = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (sign) => `<${codePointName(sign)}>`);
      return `"${shown}" ${codePoints.join(' ')}`;
    })
    .join(', ');
}

function textStart(key: Buffer, at: number): { readonly from: number; readonly end: number } | undefined {
  const first = key[at] ?? 0;
  if ((first & 1) === 1) {
    const end = at + (first >> 1);
    return first > 1 && end <= key.length && end > at + shortHeaderBytes
      ? { from: at + shortHeaderBytes, end }
      : undefined;
  }
  if ((first & 3) !== 0 || at % 4 !== 0 || at + longHeaderBytes > key.length) return undefined;
  const length = key.readUInt32LE(at) >>> 2;
  const end = at + length;
  return length > longestShort && end <= key.length ? { from: at + longHeaderBytes, end } : undefined;
}

/** Bytes that are control characters are numbers that happen to be ASCII. */
function isPlain(bytes: Buffer): boolean {
  return bytes.every((byte) => byte >= firstPrintable || blanks.has(byte));
}

function codePointName(sign: string): string {
  return `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
