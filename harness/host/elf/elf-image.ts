import { elfInvalid, type ElfSource } from './elf-source.ts';

/** What the first bytes of an ELF file say of whom it is for. */
export interface ElfIdentity {
  readonly bits: 32 | 64;
  readonly byteOrder: 'big-endian' | 'little-endian';
  /** `e_machine` as readelf names it: `x86-64`, `aarch64`, or `machine N`. */
  readonly machine: string;
}

/** One program header: what of the file is mapped where. */
export interface ElfSegment {
  readonly type: number;
  readonly offsetBytes: number;
  readonly address: number;
  readonly fileSizeBytes: number;
}

/** A 64-bit little-endian ELF file with its program headers read. */
export interface ElfImage {
  readonly source: ElfSource;
  readonly type: number;
  readonly segments: readonly ElfSegment[];
}

/** `p_type` of the segments that are looked at (System V ABI, chapter 5). */
export const segmentType = { load: 1, dynamic: 2, interpreter: 3, note: 4 } as const;

/** `e_type` of an executable at a fixed address, and of a shared object, which a program may be as well. */
export const objectType = { executable: 2, shared: 3 } as const;

const machines: Readonly<Record<number, string>> = {
  3: 'i386',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x86-64',
  183: 'aarch64',
  243: 'riscv',
  258: 'loongarch',
};

const headerBytes = 64;
const programHeaderBytes = 56;

/** Whether the bytes begin with the ELF magic number. */
export function isElf(bytes: Buffer): boolean {
  return bytes.length >= 4 && bytes.readUInt32BE(0) === 0x7f454c46;
}

/** Reads for whom an ELF file is (System V ABI, chapter 4). Throws `elf-invalid`. */
export function readElfIdentity(source: ElfSource): ElfIdentity {
  const head = source.slice(0, Math.min(20, source.sizeBytes));
  if (!isElf(head) || head.length < 20) throw elfInvalid('not an ELF file', 0);
  const [elfClass, byteOrder] = [head[4], head[5]];
  if (elfClass !== 1 && elfClass !== 2) throw elfInvalid('neither 32 nor 64 bits', 4);
  if (byteOrder !== 1 && byteOrder !== 2) throw elfInvalid('neither little nor big-endian', 5);
  const machine = byteOrder === 1 ? head.readUInt16LE(18) : head.readUInt16BE(18);
  return {
    bits: elfClass === 1 ? 32 : 64,
    byteOrder: byteOrder === 1 ? 'little-endian' : 'big-endian',
    machine: machines[machine] ?? `machine ${machine}`,
  };
}

/** Reads the headers of a 64-bit little-endian ELF file. Throws `elf-invalid` with the offset of what does not fit. */
export function readElfImage(source: ElfSource): ElfImage {
  const header = source.slice(0, Math.min(headerBytes, source.sizeBytes));
  if (!isElf(header) || header.length < headerBytes || header[4] !== 2 || header[5] !== 1)
    throw elfInvalid('not a 64-bit little-endian ELF file', 0);
  const tableOffset = readNumber(header, 32);
  const entrySize = header.readUInt16LE(54);
  const count = header.readUInt16LE(56);
  if (count > 0 && entrySize < programHeaderBytes)
    throw elfInvalid('program header entries are too small', 54);
  const table = source.slice(tableOffset, count * entrySize);
  return {
    source,
    type: header.readUInt16LE(16),
    segments: Array.from({ length: count }, (_, index) => {
      const at = index * entrySize;
      return {
        type: table.readUInt32LE(at),
        offsetBytes: readNumber(table, at + 8),
        address: readNumber(table, at + 16),
        fileSizeBytes: readNumber(table, at + 32),
      };
    }),
  };
}

/** The bytes of a segment as they stand in the file; at most `mostBytes`. */
export function segmentBytes(image: ElfImage, segment: ElfSegment, mostBytes: number): Buffer {
  if (segment.fileSizeBytes > mostBytes)
    throw elfInvalid(`a segment is larger than the ${mostBytes} bytes that it may be`, segment.offsetBytes);
  return image.source.slice(segment.offsetBytes, segment.fileSizeBytes);
}

/** Where in the file an address is loaded from, and how many bytes of its segment follow. Throws `elf-invalid`. */
export function locate(
  { segments }: ElfImage,
  address: number,
  what: string,
): { readonly offsetBytes: number; readonly bytesLeft: number } {
  const segment = segments.find(
    (load) =>
      load.type === segmentType.load &&
      load.address <= address &&
      address < load.address + load.fileSizeBytes,
  );
  if (segment === undefined) throw elfInvalid(`${what} lies in no segment`, address);
  const within = address - segment.address;
  return { offsetBytes: segment.offsetBytes + within, bytesLeft: segment.fileSizeBytes - within };
}

/** A string that ends with a zero byte within its table. Throws `elf-invalid`. */
export function readElfString(table: Buffer, offsetBytes: number): string {
  const end = offsetBytes < table.length ? table.indexOf(0, offsetBytes) : -1;
  if (end < 0) throw elfInvalid('a string has no end', offsetBytes);
  return table.toString('latin1', offsetBytes, end);
}

/** An unsigned 64-bit number that is exact in JavaScript. Throws `elf-invalid`. */
export function readNumber(bytes: Buffer, at: number): number {
  const value = bytes.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw elfInvalid('a number is out of range', at);
  return Number(value);
}
