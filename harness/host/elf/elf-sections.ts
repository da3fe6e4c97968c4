import { readElfImage, readNumber } from './elf-image.ts';
import { elfInvalid, type ElfSource } from './elf-source.ts';

/** A section of an ELF file (System V ABI, chapter 4): where it lies in the file and to which other one it leads. */
export interface ElfSection {
  readonly type: number;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  /** The section that this one's numbers lead to: of symbols the table of their names. */
  readonly link: number;
  /** Of versions how many entries there are. */
  readonly info: number;
}

/** `sh_type` of what is looked at (System V ABI, chapter 4; LSB, "Symbol Versioning"). */
export const sectionType = {
  dynamicSymbols: 11,
  versionsDefined: 0x6ffffffd,
  versionsNeeded: 0x6ffffffe,
  symbolVersions: 0x6fffffff,
} as const;

const entryBytes = 64;
const mostSections = 4096;

/** Reads the table of sections of a 64-bit little-endian ELF file; empty where it was cut away. Throws `elf-invalid`. */
export function readElfSections(source: ElfSource): readonly ElfSection[] {
  readElfImage(source);
  const header = source.slice(0, entryBytes);
  const tableOffset = readNumber(header, 40);
  const entrySize = header.readUInt16LE(58);
  const count = header.readUInt16LE(60);
  if (count === 0) return [];
  if (entrySize < entryBytes) throw elfInvalid('section header entries are too small', 58);
  if (count > mostSections) throw elfInvalid('too many sections', 60);
  const table = source.slice(tableOffset, count * entrySize);
  return Array.from({ length: count }, (_, index) => {
    const at = index * entrySize;
    return {
      type: table.readUInt32LE(at + 4),
      offsetBytes: readNumber(table, at + 24),
      sizeBytes: readNumber(table, at + 32),
      link: table.readUInt32LE(at + 40),
      info: table.readUInt32LE(at + 44),
    };
  });
}

/** The first section of a type. */
export function sectionOfType(sections: readonly ElfSection[], type: number): ElfSection | undefined {
  return sections.find((section) => section.type === type);
}

/** The bytes of a table of names to which a section leads. Throws `elf-invalid`. */
export function namesOf(source: ElfSource, sections: readonly ElfSection[], section: ElfSection): Buffer {
  const names = sections[section.link];
  if (names === undefined)
    throw elfInvalid('a section leads to names that are not there', section.offsetBytes);
  return source.slice(names.offsetBytes, names.sizeBytes);
}
