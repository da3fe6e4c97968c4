import {
  type ElfImage,
  locate,
  readElfImage,
  readElfString,
  segmentBytes,
  segmentType,
} from './elf-image.ts';
import { bufferSource, elfInvalid } from './elf-source.ts';

export { isElf } from './elf-image.ts';

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

/** The dynamic section of an ELF file: its tags, and the table of strings to which some of them lead. */
export interface ElfTags {
  /** The values of a tag, in order. */
  readonly values: (tag: number) => readonly number[];
  readonly strings: Buffer;
}

/** `d_tag` of what is looked at (System V ABI, chapter 5; glibc's elf.h). */
export const dynamicTag = {
  needed: 1,
  stringTable: 5,
  stringTableSize: 10,
  soname: 14,
  rpath: 15,
  runpath: 29,
  flags1: 0x6ffffffb,
  versionsDefined: 0x6ffffffc,
  versionsDefinedCount: 0x6ffffffd,
  versionsNeeded: 0x6ffffffe,
  versionsNeededCount: 0x6fffffff,
} as const;

/** Far more than any real one. */
const mostDynamicBytes = 2 ** 16;
const mostStringBytes = 2 ** 26;
const mostPathBytes = 4096;

/**
 * Reads the program headers and the dynamic section of a 64-bit little-endian ELF file (System V ABI, chapters 4 and 5).
 * Throws `elf-invalid` with the offset of what does not fit in the file.
 */
export function readElfDynamic(bytes: Buffer): ElfDynamic {
  const image = readElfImage(bufferSource(bytes));
  return elfDynamic(image, readElfTags(image));
}

/** The same of an image whose tags are read already. */
export function elfDynamic(image: ElfImage, { values, strings }: ElfTags): ElfDynamic {
  const interpreter = image.segments.find(({ type }) => type === segmentType.interpreter);
  const named = (tag: number): readonly string[] =>
    values(tag).map((offset) => readElfString(strings, offset));
  return {
    interpreter: interpreter && readElfString(segmentBytes(image, interpreter, mostPathBytes), 0),
    soname: named(dynamicTag.soname)[0],
    needed: named(dynamicTag.needed),
    rpath: named(dynamicTag.rpath)[0],
    runpath: named(dynamicTag.runpath)[0],
  };
}

/** Reads the dynamic section; a static file has none, and no tags then. Throws `elf-invalid`. */
export function readElfTags(image: ElfImage): ElfTags {
  const dynamic = image.segments.find(({ type }) => type === segmentType.dynamic);
  const tags: (readonly [number, number])[] = [];
  if (dynamic !== undefined) {
    const section = segmentBytes(image, dynamic, mostDynamicBytes);
    for (let at = 0; at + 16 <= section.length; at += 16) {
      const tag = Number(section.readBigInt64LE(at));
      if (tag === 0) break;
      tags.push([tag, Number(section.readBigUInt64LE(at + 8))]);
    }
  }
  const values = (tag: number): readonly number[] =>
    tags.filter(([key]) => key === tag).map(([, value]) => value);
  return { values, strings: stringTable(image, values) };
}

function stringTable(image: ElfImage, values: ElfTags['values']): Buffer {
  const [address] = values(dynamicTag.stringTable);
  const [sizeBytes] = values(dynamicTag.stringTableSize);
  if (address === undefined || sizeBytes === undefined) return Buffer.alloc(0);
  if (sizeBytes > mostStringBytes) throw elfInvalid('the dynamic string table is too large', address);
  return image.source.slice(locate(image, address, 'the dynamic string table').offsetBytes, sizeBytes);
}
