import { bufferSource } from '../elf/elf-source.ts';
import { readElfSymbols, readVersionPlaces, type VersionPlace } from '../elf/elf-symbols.ts';

/** What the libraries of a root offer to one that is brought in. */
export interface OfferedSymbols {
  /** By soname: the versions that the library defines. */
  readonly versions: ReadonlyMap<string, ReadonlySet<string>>;
  /** Names that can be had without naming a version. */
  readonly defaults: ReadonlySet<string>;
}

/** A library that was made to fit older libraries below it. */
export interface AdaptedLibrary {
  readonly bytes: Buffer;
  /** `symbol@VERSION` of what is now taken in the version that there is. */
  readonly rebound: readonly string[];
  /** Symbols that the root does not have at all: somebody must provide them. */
  readonly lacking: readonly string[];
  /** Libraries that it needs versions of, and that are not there. */
  readonly missingLibraries: readonly string[];
}

/** `VER_FLG_WEAK`: the loader goes on without the version, but grumbles on stderr (glibc, elf/dl-version.c). */
const weakFlag = 2;
/** Where in a `Vernaux` its flags stand; hash and name of the version stand 4 bytes before and after. */
const hashBefore = 4;
const nameAfter = 4;
/** `VER_NDX_GLOBAL`: no version is asked for, and the default one is found (glibc, elf/dl-lookup.c). */
const noVersion = 1;

/**
 * Lets a library run on older libraries than it was linked against: a needed version that they lack is asked for no
 * longer, and its symbols are asked for without a version. Only those marks change, in place; code and data stay as they are.
 * Throws `elf-invalid`.
 */
export function adaptLibrary(original: Buffer, offered: OfferedSymbols): AdaptedLibrary {
  const bytes = Buffer.from(original);
  const source = bufferSource(bytes);
  const places = readVersionPlaces(source);
  const symbols = readElfSymbols(source);
  const missingLibraries = new Set<string>();
  const absent = new Set<string>();
  for (const place of places) {
    const versions = offered.versions.get(place.library);
    if (versions === undefined) missingLibraries.add(place.library);
    if (versions?.has(place.version) !== false) continue;
    absent.add(place.version);
    const other = places.find(({ library, version }) => library === place.library && versions.has(version));
    askInstead(bytes, place, other);
  }
  const rebound: string[] = [];
  const lacking: string[] = [];
  for (const { name, isDefined, isWeak, version, versionOffsetBytes } of symbols) {
    if (isDefined || version === undefined || versionOffsetBytes === undefined || !absent.has(version))
      continue;
    bytes.writeUInt16LE(noVersion, versionOffsetBytes);
    if (offered.defaults.has(name)) rebound.push(`${name}@${version}`);
    else if (!isWeak) lacking.push(name);
  }
  return { bytes, rebound, lacking, missingLibraries: [...missingLibraries] };
}

/** Lets a need for a version be one for another version of the same library, which is there. */
function askInstead(
  bytes: Buffer,
  { flagsOffsetBytes: at }: VersionPlace,
  other: VersionPlace | undefined,
): void {
  if (other === undefined) {
    bytes.writeUInt16LE(bytes.readUInt16LE(at) | weakFlag, at);
    return;
  }
  const from = other.flagsOffsetBytes;
  bytes.copy(bytes, at - hashBefore, from - hashBefore, from);
  bytes.copy(bytes, at + nameAfter, from + nameAfter, from + nameAfter + 4);
}
