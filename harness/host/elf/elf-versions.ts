import { dynamicTag, type ElfTags } from './elf-dynamic.ts';
import { type ElfImage, locate, readElfString } from './elf-image.ts';
import { elfInvalid } from './elf-source.ts';

/** A version of symbols that a file needs of one of its libraries: `GLIBC_2.34` of `libc.so.6`. */
export interface NeededVersion {
  readonly library: string;
  readonly version: string;
  /** The loader goes on without it. */
  readonly isWeak: boolean;
}

/** More than any real file has, so that a chain that goes in circles ends. */
const mostEntries = 4096;
const mostTableBytes = 2 ** 20;
const weakFlag = 2;
/** The definition that names the file itself. */
const baseFlag = 1;

/** Reads `.gnu.version_r` (LSB, "Symbol Versioning"): which versions a file needs of which library. Throws `elf-invalid`. */
export function readNeededVersions(image: ElfImage, tags: ElfTags): readonly NeededVersion[] {
  const table = versionTable(image, tags, dynamicTag.versionsNeeded);
  const [count = 0] = tags.values(dynamicTag.versionsNeededCount);
  if (table === undefined) return [];
  const needed: NeededVersion[] = [];
  const budget = new Budget();
  for (let at = 0, left = count; left > 0; left--) {
    budget.spend(at);
    const entry = part(table, at, 16);
    const library = readElfString(tags.strings, entry.readUInt32LE(4));
    let auxiliary = at + entry.readUInt32LE(8);
    for (let auxiliaries = entry.readUInt16LE(2); auxiliaries > 0; auxiliaries--) {
      budget.spend(auxiliary);
      const item = part(table, auxiliary, 16);
      needed.push({
        library,
        version: readElfString(tags.strings, item.readUInt32LE(8)),
        isWeak: (item.readUInt16LE(4) & weakFlag) !== 0,
      });
      auxiliary += item.readUInt32LE(12);
    }
    at += entry.readUInt32LE(12);
  }
  return needed;
}

/** Reads `.gnu.version_d`: which versions of symbols a library defines, but for its own name. Throws `elf-invalid`. */
export function readDefinedVersions(image: ElfImage, tags: ElfTags): readonly string[] {
  const table = versionTable(image, tags, dynamicTag.versionsDefined);
  const [count = 0] = tags.values(dynamicTag.versionsDefinedCount);
  if (table === undefined) return [];
  const defined: string[] = [];
  const budget = new Budget();
  for (let at = 0, left = count; left > 0; left--) {
    budget.spend(at);
    const entry = part(table, at, 20);
    const isBase = (entry.readUInt16LE(2) & baseFlag) !== 0;
    // The first auxiliary is the version's name; those after it are its parents.
    const name = part(table, at + entry.readUInt32LE(12), 8);
    if (!isBase) defined.push(readElfString(tags.strings, name.readUInt32LE(0)));
    at += entry.readUInt32LE(16);
  }
  return defined;
}

/** The bytes from the table's first entry on; how long it is, only its entries tell. */
function versionTable(image: ElfImage, tags: ElfTags, tag: number): Buffer | undefined {
  const [address] = tags.values(tag);
  if (address === undefined) return undefined;
  const { offsetBytes, bytesLeft } = locate(image, address, 'a table of symbol versions');
  const inFile = Math.max(0, image.source.sizeBytes - offsetBytes);
  return image.source.slice(offsetBytes, Math.min(bytesLeft, inFile, mostTableBytes));
}

function part(table: Buffer, at: number, lengthBytes: number): Buffer {
  if (at + lengthBytes > table.length) throw elfInvalid('a symbol version lies outside of its segment', at);
  return table.subarray(at, at + lengthBytes);
}

class Budget {
  #left = mostEntries;

  spend(at: number): void {
    this.#left -= 1;
    if (this.#left < 0) throw elfInvalid(`more than ${mostEntries} symbol versions`, at);
  }
}
