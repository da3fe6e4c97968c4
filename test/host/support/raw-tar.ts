/** A tar entry in its own bytes: what is not given is as an honest tar has it. Shares no code with the reader. */
export interface RawEntry {
  readonly name: string | Buffer;
  /** The type flag; a plain file's by default. */
  readonly type?: string;
  readonly mode?: number;
  readonly linkName?: string | Buffer;
  readonly prefix?: string;
  readonly content?: string | Buffer;
  /** The size field, where it is not to be that of the content. */
  readonly size?: number | Buffer;
  /** Added to the checksum. */
  readonly checksumError?: number;
  readonly magic?: string;
}

const blockBytes = 512;
const checksumOffset = 148;
const posixMagic = 'ustar\u000000';
const gnuMagic = 'ustar  \u0000';

/** The two blocks of zeros at the end of a tar. */
export const tarEnd: Buffer = Buffer.alloc(2 * blockBytes);

/** A header and its contents, padded. */
export function rawEntry(entry: RawEntry): Buffer {
  const content = Buffer.from(entry.content ?? '');
  const size = entry.size ?? content.length;
  const header = Buffer.alloc(blockBytes);
  const put = (text: string | Buffer, at: number): number => Buffer.from(text).copy(header, at);
  put(entry.name, 0);
  put(octal(entry.mode ?? 0o644, 7), 100);
  put(octal(0, 7), 108);
  put(octal(0, 7), 116);
  put(typeof size === 'number' ? octal(size, 11) : size, 124);
  put(octal(0, 11), 136);
  put(entry.type ?? '0', 156);
  put(entry.linkName ?? '', 157);
  put(entry.magic ?? posixMagic, 257);
  put(entry.prefix ?? '', 345);
  put(' '.repeat(8), checksumOffset);
  const sum = header.reduce((total, byte) => total + byte, 0) + (entry.checksumError ?? 0);
  put(checksum(sum), checksumOffset);
  return Buffer.concat([
    header,
    content,
    Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes),
  ]);
}

function checksum(sum: number): string {
  return `${sum.toString(8).padStart(6, '0')}\u0000 `;
}

function octal(value: number, digits: number): string {
  return `${value.toString(8).padStart(digits, '0')}\u0000`;
}

/** An entry whose header has other bytes somewhere, and the checksum of those. */
export function changedHeader(entry: RawEntry, at: number, bytes: string | Buffer): Buffer {
  const changed = rawEntry(entry);
  Buffer.from(bytes).copy(changed, at);
  changed.fill(' ', checksumOffset, checksumOffset + 8);
  const sum = changed.subarray(0, blockBytes).reduce((total, byte) => total + byte, 0);
  changed.write(checksum(sum), checksumOffset);
  return changed;
}

/** A whole tar: entries given by their fields or by their bytes, and the end. */
export function rawTar(...entries: readonly (RawEntry | Buffer)[]): Buffer {
  return Buffer.concat([
    ...entries.map((entry) => (Buffer.isBuffer(entry) ? entry : rawEntry(entry))),
    tarEnd,
  ]);
}

/** A PAX header (`x`, or `g` for all that follow) with these records. */
export function paxHeader(
  records: readonly (readonly [key: string, value: string | Buffer])[],
  type: 'x' | 'g' = 'x',
): Buffer {
  const content = Buffer.concat(records.map(([key, value]) => paxRecord(key, Buffer.from(value))));
  return rawEntry({ name: 'PaxHeaders/next', type, content });
}

function paxRecord(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  let length = rest.length;
  while (length !== String(length).length + rest.length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

/** GNU's long name (`L`) or long link name (`K`) of the next entry. */
export function gnuLongName(type: 'L' | 'K', name: string): Buffer {
  return rawEntry({ name: '././@LongLink', type, content: `${name}\u0000`, magic: gnuMagic });
}

/** A size field in base 256. */
export function binarySize(value: bigint): Buffer {
  const field = Buffer.alloc(12);
  const bits = BigInt.asUintN(96, value);
  for (let at = 0; at < field.length; at++) field[at] = Number((bits >> BigInt(8 * (11 - at))) & 0xffn);
  if (value >= 0n) field[0] = 0x80;
  return field;
}
