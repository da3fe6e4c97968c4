import { readElfString } from './elf-image.ts';
import { namesOf, type ElfSection, readElfSections, sectionOfType, sectionType } from './elf-sections.ts';
import { elfInvalid, type ElfSource } from './elf-source.ts';

/** A symbol by which files find each other when they are loaded. */
export interface ElfSymbol {
  readonly name: string;
  readonly isDefined: boolean;
  readonly isWeak: boolean;
  readonly kind: 'data' | 'function' | 'other';
  /** The version that is defined or needed: `GLIBC_2.34`; undefined for none. */
  readonly version: string | undefined;
  /** Whether who asks for no version gets this one. */
  readonly isDefault: boolean;
  readonly address: number;
  readonly sizeBytes: number;
  /** Where in the file the number of its version stands; undefined where no symbol has one. */
  readonly versionOffsetBytes: number | undefined;
}

/** A version that a file needs, and where in the file its flags stand. */
export interface VersionPlace {
  readonly library: string;
  readonly version: string;
  readonly number: number;
  readonly flagsOffsetBytes: number;
}

const symbolBytes = 24;
const hiddenBit = 0x8000;
/** More than any real file has, so that a chain that goes in circles ends. */
const mostEntries = 4096;
const kinds: Readonly<Record<number, ElfSymbol['kind']>> = {
  1: 'data',
  2: 'function',
  6: 'data',
  10: 'function',
};

/** Reads `.dynsym` with its versions (System V ABI, chapter 4; LSB, "Symbol Versioning"). Throws `elf-invalid`. */
export function readElfSymbols(source: ElfSource): readonly ElfSymbol[] {
  const sections = readElfSections(source);
  const table = sectionOfType(sections, sectionType.dynamicSymbols);
  if (table === undefined) return [];
  const names = namesOf(source, sections, table);
  const bytes = source.slice(table.offsetBytes, table.sizeBytes);
  const count = Math.floor(table.sizeBytes / symbolBytes);
  const versions = sectionOfType(sections, sectionType.symbolVersions);
  const numbers = versions && source.slice(versions.offsetBytes, 2 * count);
  const versionNames = numbers === undefined ? new Map<number, string>() : versionNamesOf(source, sections);
  // The first entry is no symbol.
  return Array.from({ length: Math.max(0, count - 1) }, (_, index) => {
    const at = (index + 1) * symbolBytes;
    const information = bytes[at + 4] ?? 0;
    const number = numbers?.readUInt16LE(2 * (index + 1)) ?? 1;
    return {
      name: readElfString(names, bytes.readUInt32LE(at)),
      isDefined: bytes.readUInt16LE(at + 6) !== 0,
      isWeak: information >> 4 === 2,
      kind: kinds[information & 0xf] ?? 'other',
      // What number 1 names is the file itself: no version.
      version: (number & ~hiddenBit) > 1 ? versionNames.get(number & ~hiddenBit) : undefined,
      isDefault: (number & hiddenBit) === 0 && number !== 0,
      address: Number(bytes.readBigUInt64LE(at + 8)),
      sizeBytes: Number(bytes.readBigUInt64LE(at + 16)),
      versionOffsetBytes: versions && versions.offsetBytes + 2 * (index + 1),
    };
  });
}

/** Reads which versions a file needs, and where that is written. Throws `elf-invalid`. */
export function readVersionPlaces(source: ElfSource): readonly VersionPlace[] {
  const sections = readElfSections(source);
  const section = sectionOfType(sections, sectionType.versionsNeeded);
  if (section === undefined) return [];
  const names = namesOf(source, sections, section);
  const places: VersionPlace[] = [];
  for (const { at, auxiliaries } of chain(source, section, { count: 2, first: 8, next: 12 })) {
    const library = readElfString(names, source.slice(at + 4, 4).readUInt32LE());
    for (const place of auxiliaries) {
      const entry = source.slice(place, 16);
      places.push({
        library,
        version: readElfString(names, entry.readUInt32LE(8)),
        number: entry.readUInt16LE(6) & ~hiddenBit,
        flagsOffsetBytes: place + 4,
      });
    }
  }
  return places;
}

function versionNamesOf(source: ElfSource, sections: readonly ElfSection[]): ReadonlyMap<number, string> {
  const found = new Map(readVersionPlaces(source).map(({ number, version }) => [number, version]));
  const section = sectionOfType(sections, sectionType.versionsDefined);
  if (section === undefined) return found;
  const names = namesOf(source, sections, section);
  for (const { at, auxiliaries } of chain(source, section, { count: 6, first: 12, next: 16 })) {
    const [name] = auxiliaries;
    if (name === undefined) continue;
    const number = source.slice(at + 4, 2).readUInt16LE() & ~hiddenBit;
    found.set(number, readElfString(names, source.slice(name, 4).readUInt32LE()));
  }
  return found;
}

/** Where in an entry of a table of versions its numbers stand. */
interface EntryShape {
  readonly count: number;
  readonly first: number;
  readonly next: number;
}

interface VersionEntry {
  readonly at: number;
  readonly auxiliaries: readonly number[];
}

function chain(source: ElfSource, section: ElfSection, shape: EntryShape): readonly VersionEntry[] {
  const isNeeded = section.type === sectionType.versionsNeeded;
  const entries: VersionEntry[] = [];
  let left = mostEntries;
  for (let at = section.offsetBytes, entry = 0; entry < section.info; entry++) {
    const auxiliaries: number[] = [];
    let auxiliary = at + source.slice(at + shape.first, 4).readUInt32LE();
    for (let each = source.slice(at + shape.count, 2).readUInt16LE(); each > 0; each--) {
      left -= 1;
      if (left < 0) throw elfInvalid('too many symbol versions', at);
      auxiliaries.push(auxiliary);
      auxiliary += source.slice(auxiliary + (isNeeded ? 12 : 4), 4).readUInt32LE();
    }
    entries.push({ at, auxiliaries });
    at += source.slice(at + shape.next, 4).readUInt32LE();
  }
  return entries;
}
