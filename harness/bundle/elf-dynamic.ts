import { RedoubtError } from '../error.ts';

/** What the dynamic loader reads in an ELF file before it runs it. */
export interface ElfDynamic {
  /** `PT_INTERP`; absent in libraries and static programs. */
  readonly interpreter: string | undefined;
  readonly soname: string | undefined;
  /** `DT_NEEDED`, in order. */
  readonly needed: readonly string[];
  readonly rpath: string | undefined;
  readonly runpath: string | undefined;
}

const segmentLoad = 1;
const segmentDynamic = 2;
const segmentInterpreter = 3;

const tagNeeded = 1;
const tagStringTable = 5;
const tagStringTableSize = 10;
const tagSoname = 14;
const tagRpath = 15;
const tagRunpath = 29;

interface Segment {
  readonly type: number;
  readonly offsetBytes: number;
  readonly address: number;
  readonly fileSizeBytes: number;
}

/** Whether the bytes begin with the ELF magic number. */
export function isElf(bytes: Buffer): boolean {
  return bytes.length >= 4 && bytes.readUInt32BE(0) === 0x7f454c46;
}

/**
 * Reads the program headers and the dynamic section of a 64-bit little-endian ELF file (System V ABI, chapters 4 and 5).
 * Throws `elf-invalid` with the offset of what does not fit in the file.
 */
export function readElfDynamic(bytes: Buffer): ElfDynamic {
  if (!isElf(bytes) || bytes.length < 64 || bytes[4] !== 2 || bytes[5] !== 1) {
    throw invalid('not a 64-bit little-endian ELF file', 0);
  }
  const segments = readSegments(bytes);
  const interpreter = segments.find(({ type }) => type === segmentInterpreter);
  const dynamic = segments.find(({ type }) => type === segmentDynamic);
  const tags = dynamic === undefined ? [] : readTags(bytes, dynamic);
  const strings = stringTable(bytes, segments, tags);
  const named = (tag: number): readonly string[] =>
    tags.filter(([key]) => key === tag).map(([, offset]) => readString(strings, offset));
  return {
    interpreter:
      interpreter && readString(slice(bytes, interpreter.offsetBytes, interpreter.fileSizeBytes), 0),
    soname: named(tagSoname)[0],
    needed: named(tagNeeded),
    rpath: named(tagRpath)[0],
    runpath: named(tagRunpath)[0],
  };
}

function readSegments(bytes: Buffer): readonly Segment[] {
  const tableOffset = readOffset(bytes, 32);
  const entrySize = bytes.readUInt16LE(54);
  const count = bytes.readUInt16LE(56);
  if (count > 0 && entrySize < 56) throw invalid('program header entries are too small', 54);
  return Array.from({ length: count }, (_, index) => {
    const header = slice(bytes, tableOffset + index * entrySize, 56);
    return {
      type: header.readUInt32LE(0),
      offsetBytes: readOffset(header, 8),
      address: readOffset(header, 16),
      fileSizeBytes: readOffset(header, 32),
    };
  });
}

function readTags(
  bytes: Buffer,
  { offsetBytes, fileSizeBytes }: Segment,
): readonly (readonly [number, number])[] {
  const section = slice(bytes, offsetBytes, fileSizeBytes);
  const tags: [number, number][] = [];
  for (let at = 0; at + 16 <= section.length; at += 16) {
    const tag = Number(section.readBigInt64LE(at));
    if (tag === 0) break;
    tags.push([tag, Number(section.readBigUInt64LE(at + 8))]);
  }
  return tags;
}

function stringTable(
  bytes: Buffer,
  segments: readonly Segment[],
  tags: readonly (readonly [number, number])[],
): Buffer {
  const value = (tag: number): number | undefined => tags.find(([key]) => key === tag)?.[1];
  const address = value(tagStringTable);
  const sizeBytes = value(tagStringTableSize);
  if (address === undefined || sizeBytes === undefined) return Buffer.alloc(0);
  const segment = segments.find(
    (load) =>
      load.type === segmentLoad && load.address <= address && address < load.address + load.fileSizeBytes,
  );
  if (segment === undefined) throw invalid('the dynamic string table lies in no segment', 0);
  return slice(bytes, address - segment.address + segment.offsetBytes, sizeBytes);
}

function readString(table: Buffer, offsetBytes: number): string {
  const end = offsetBytes < table.length ? table.indexOf(0, offsetBytes) : -1;
  if (end < 0) throw invalid('a string has no end', offsetBytes);
  return table.toString('latin1', offsetBytes, end);
}

function slice(bytes: Buffer, offsetBytes: number, lengthBytes: number): Buffer {
  if (offsetBytes + lengthBytes > bytes.length) throw invalid('a part lies outside of the file', offsetBytes);
  return bytes.subarray(offsetBytes, offsetBytes + lengthBytes);
}

function readOffset(bytes: Buffer, at: number): number {
  const value = bytes.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw invalid('an offset is out of range', at);
  return Number(value);
}

function invalid(what: string, offsetBytes: number): RedoubtError {
  return new RedoubtError('usage', 'elf-invalid', `${what} (offset ${offsetBytes})`, {
    details: { offsetBytes },
  });
}
