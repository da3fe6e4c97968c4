import { findLocales } from '../files/locale-faults.ts';
import { type MajorFiles, majorFiles } from '../files/major-files.ts';
import { zoneFolder } from '../files/time-zone-faults.ts';
import type { BundleLayout } from '../layout.ts';
import { type BundleInventory, isOfMajor, shown } from './bundle-inventory.ts';
import { describeLibraries, type LibraryDescription, type PackageSources } from './library-description.ts';
import { readPackageDatabase } from './package-database.ts';
import { type Composed, type OwningPackage, readPackageManifest } from './package-manifest.ts';
import { builtWith, type ServerFacts, storageSizes } from './server-facts.ts';

/** The features of a server's build that decide what it can read and how it orders. */
const options = ['icu', 'lz4', 'zstd', 'libxml', 'openssl', 'llvm', 'system-tzdata'] as const;

/** What a bundle holds, told from its files alone. */
export interface BundleDescription {
  readonly source: string;
  readonly digest: string;
  readonly layout: BundleLayout;
  readonly fileCount: number;
  readonly majors: readonly MajorDescription[];
}

/** What a bundle holds of one major. Nulls are what the files do not tell. */
export interface MajorDescription {
  readonly major: number;
  readonly server: ServerDescription;
  /** The libc that the bundle brings along; null for a static or a host's. */
  readonly libc: { readonly version: string; readonly words: string; readonly path: string } | null;
  /** The libicu that the bundle brings along. */
  readonly icu: { readonly version: string; readonly package: OwningPackage | null } | null;
  readonly collationVersions: {
    /** What PostgreSQL records for libc's collations: libc's version. */
    readonly libc: string | null;
    /** What it records for ICU's root and all that is not tailored. */
    readonly icuRoot: string | null;
  };
  readonly locales: {
    readonly folders: readonly string[];
    readonly archives: readonly string[];
    readonly names: readonly string[];
  };
  readonly timeZones: string | null;
  readonly libraries: readonly LibraryDescription[];
  /** Libraries that are asked for at run time by a name that stands in a program or library. */
  readonly openedByName: readonly {
    readonly library: string;
    readonly by: readonly string[];
    readonly isThere: boolean;
  }[];
  readonly missingLibraries: readonly string[];
  readonly packages: readonly OwningPackage[];
  /** Null where all is of one root, as far as the bundle says. */
  readonly composition: Composed | null;
  /** Compilers of programs and libraries, with the number of files that name each. */
  readonly compilers: readonly { readonly compiler: string; readonly files: number }[];
  /** The newest Linux that any program or library asks for. */
  readonly kernelFloor: string | null;
}

export interface ServerDescription {
  readonly path: string;
  readonly version: string;
  readonly platform: string;
  readonly compiler: string;
  readonly linkage: string;
  readonly catalogVersion: number | null;
  readonly blockBytes: number | null;
  readonly segmentBytes: number | null;
  readonly walBlockBytes: number | null;
  /** Null where the build does not tell. */
  readonly options: Readonly<Record<(typeof options)[number], boolean | null>>;
  readonly configuration: string | null;
}

/** Describes an inventory; nothing is executed. */
export function describeBundle(
  inventory: BundleInventory,
  { source, digest }: { readonly source: string; readonly digest: string },
): BundleDescription {
  const sources = {
    manifest: readPackageManifest(inventory.tree),
    database: readPackageDatabase(inventory.tree),
  };
  return {
    source,
    digest,
    layout: inventory.layout,
    fileCount: [...inventory.entries.values()].filter(({ kind }) => kind === 'file').length,
    majors: [...inventory.servers.keys()]
      .toSorted((a, b) => a - b)
      .map((major) => describeMajor(inventory, major, sources))
      .filter((description) => description !== undefined),
  };
}

function describeMajor(
  inventory: BundleInventory,
  major: number,
  sources: PackageSources,
): MajorDescription | undefined {
  const files = majorFiles(inventory, major);
  const { server } = files;
  if (server === undefined) return undefined;
  const libraries = describeLibraries(inventory, major, sources);
  const elves = inventory.elves.filter(({ path }) => isOfMajor(inventory, major, path));
  const libc = elves.find(({ traits }) => traits.libc !== undefined);
  const icu = findIcu(libraries);
  const icuRoot = elves.find(({ traits }) => traits.icuRootVersion !== undefined)?.traits.icuRootVersion;
  const { folders, archives } = findLocales(files);
  const zones = zoneFolder(files);
  return {
    major,
    server: describeServer(server.facts, server.path, server.elf.linkage),
    libc: libc?.traits.libc === undefined ? null : { ...libc.traits.libc, path: shown(libc.path) },
    icu: icu?.version == null ? null : { version: icu.version, package: icu.package },
    collationVersions: { libc: libc?.traits.libc?.version ?? null, icuRoot: icuRoot ?? null },
    locales: {
      folders: [...folders.keys()].map(shown),
      archives: archives.map(shown),
      names: [...new Set([...folders.values()].flat())].toSorted(),
    },
    timeZones: zones === undefined ? null : shown(zones),
    libraries,
    openedByName: openedByName(files, elves),
    missingLibraries: missingLibraries(files, elves),
    packages: [...sources.manifest.packagesOf(major), ...sources.database.packages],
    composition: sources.manifest.compositionOf(major) ?? null,
    compilers: countCompilers(elves),
    kernelFloor: newestFloor(elves),
  };
}

/** Libraries under the names of one major may forward to another one; the one that is meant has data. */
function findIcu(libraries: readonly LibraryDescription[]): LibraryDescription | undefined {
  const all = libraries.filter(({ soname }) => soname.startsWith('libicuuc.so.'));
  const withData = all.find(({ soname }) =>
    libraries.some((each) => each.soname === soname.replace('icuuc', 'icudata')),
  );
  return withData ?? all[0];
}

function describeServer(facts: ServerFacts, path: string, linkage: string): ServerDescription {
  const sizes = storageSizes(facts);
  return {
    path: shown(path),
    version: facts.version,
    platform: facts.platform,
    compiler: facts.compiler,
    linkage,
    catalogVersion: facts.catalogVersion ?? null,
    blockBytes: sizes?.blockBytes ?? null,
    segmentBytes: sizes?.segmentBytes ?? null,
    walBlockBytes: sizes?.walBlockBytes ?? null,
    options: Object.fromEntries(
      options.map((option) => [option, builtWith(facts, option) ?? null]),
    ) as ServerDescription['options'],
    configuration: facts.configuration ?? null,
  };
}

type Elves = BundleInventory['elves'];

function openedByName(files: MajorFiles, elves: Elves): MajorDescription['openedByName'] {
  const names = new Map<string, string[]>();
  for (const { path, traits } of elves)
    for (const name of traits.namesLibraries) names.set(name, [...(names.get(name) ?? []), shown(path)]);
  const held = new Set(elves.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)));
  return [...names]
    .map(([library, by]) => ({
      library,
      by,
      isThere: library.startsWith('/')
        ? files.inventory.entries.has(library)
        : held.has(library.slice(library.lastIndexOf('/') + 1)),
    }))
    .toSorted((a, b) => (a.library < b.library ? -1 : 1));
}

/** By name alone: of a bundle that leans on its host, these are what the host must give. */
function missingLibraries({ entries }: MajorFiles, elves: Elves): readonly string[] {
  const held = new Set(entries.map(([path]) => path.slice(path.lastIndexOf('/') + 1)));
  const needed = elves.flatMap(({ elf }) => (elf.kind === 'foreign' ? [] : elf.facts.needed));
  return [...new Set(needed)].filter((name) => !held.has(name)).toSorted();
}

function countCompilers(elves: Elves): MajorDescription['compilers'] {
  const counts = new Map<string, number>();
  for (const { elf } of elves) {
    if (elf.kind === 'foreign') continue;
    for (const comment of elf.facts.comments) counts.set(comment, (counts.get(comment) ?? 0) + 1);
  }
  return [...counts]
    .map(([compiler, files]) => ({ compiler, files }))
    .toSorted((a, b) => b.files - a.files || (a.compiler < b.compiler ? -1 : 1));
}

function newestFloor(elves: Elves): string | null {
  const floors = elves.flatMap(({ elf }) =>
    elf.kind === 'foreign' || elf.facts.kernelFloor === undefined ? [] : [elf.facts.kernelFloor],
  );
  return floors.toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }))[0] ?? null;
}
