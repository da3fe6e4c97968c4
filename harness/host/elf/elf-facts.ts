import { dynamicTag, type ElfDynamic, elfDynamic, readElfTags } from './elf-dynamic.ts';
import {
  type ElfIdentity,
  type ElfImage,
  objectType,
  readElfIdentity,
  readElfImage,
  segmentType,
} from './elf-image.ts';
import { type ElfNotes, readElfComments, readElfNotes } from './elf-notes.ts';
import type { ElfSource } from './elf-source.ts';
import { type NeededVersion, readDefinedVersions, readNeededVersions } from './elf-versions.ts';

/**
 * How an ELF file comes to run. `static`: alone. `static-pie`: alone, at any address. `dynamic`: by the loader that it
 * names. `library`: when another file asks for it.
 */
export type ElfLinkage = 'dynamic' | 'library' | 'static' | 'static-pie';

/** All that an ELF file says of itself and of what it needs, read without executing it. */
export interface ElfFacts extends ElfDynamic, ElfNotes {
  readonly linkage: ElfLinkage;
  readonly neededVersions: readonly NeededVersion[];
  readonly definedVersions: readonly string[];
  /** What compilers and linkers wrote into `.comment`. */
  readonly comments: readonly string[];
  /** Whether it asks for libraries by name at run time (it refers to `dlopen`, or is libc itself). */
  readonly opensLibraries: boolean;
}

/** An ELF file of this kind of machine with its facts, or of another one, of which no more is read. */
export type ElfFile =
  | { readonly kind: 'native'; readonly identity: ElfIdentity; readonly facts: ElfFacts }
  | { readonly kind: 'foreign'; readonly identity: ElfIdentity };

/** `DF_1_PIE`, which tells a static program at any address from a library that needs nothing. */
const positionIndependentProgram = 0x08000000;

const libraryOpeners = ['dlopen', '__libc_dlopen_mode', 'dlmopen'].map((name) => Buffer.from(`\0${name}\0`));

/** Reads an ELF file. Throws `elf-invalid` with the offset of what does not fit. */
export function readElfFile(source: ElfSource): ElfFile {
  const identity = readElfIdentity(source);
  const { bits, byteOrder, machine } = identity;
  if (bits !== 64 || byteOrder !== 'little-endian' || machine !== 'x86-64')
    return { kind: 'foreign', identity };
  const image = readElfImage(source);
  const tags = readElfTags(image);
  const dynamic = elfDynamic(image, tags);
  const flags1 = tags.values(dynamicTag.flags1)[0] ?? 0;
  return {
    kind: 'native',
    identity,
    facts: {
      ...dynamic,
      ...readElfNotes(image),
      linkage: linkageOf(image, dynamic, (flags1 & positionIndependentProgram) !== 0),
      neededVersions: readNeededVersions(image, tags),
      definedVersions: readDefinedVersions(image, tags),
      comments: readElfComments(image),
      opensLibraries: libraryOpeners.some((name) => tags.strings.includes(name)),
    },
  };
}

function linkageOf(
  { type, segments }: ElfImage,
  { interpreter, soname }: ElfDynamic,
  isProgram: boolean,
): ElfLinkage {
  // libc.so.6 names a loader, so that it can be run and tell its version; it is a library all the same.
  if (type === objectType.shared && soname !== undefined && !isProgram) return 'library';
  if (interpreter !== undefined) return 'dynamic';
  if (type === objectType.executable) return 'static';
  const isDynamic = segments.some((segment) => segment.type === segmentType.dynamic);
  return isProgram || !isDynamic ? 'static-pie' : 'library';
}
