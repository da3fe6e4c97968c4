/** What a byte of UTF-8 costs a reader: letters and digits, other ASCII, Latin, the rest; control characters cost most. */
export function costOfByte(byte: number): number {
  // A character counts once, by its lead byte.
  if ((byte & 0xc0) === 0x80) return 0;
  if (byte < 0x20 || byte === 0x7f) return 20;
  if (byte < 0x80) return isAlphanumeric(byte) ? 2 : 3;
  return byte < 0xc8 ? 4 : byte < 0xe0 ? 6 : 8;
}

/** What a text costs a reader: short ones of common characters cost least. */
export function costOfText(text: string): number {
  return Buffer.from(text).reduce((sum, byte) => sum + costOfByte(byte), 0);
}

function isAlphanumeric(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}
