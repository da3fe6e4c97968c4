import { posix } from 'node:path';

import { type BundleInventory, isOfMajor, shown } from './bundle-inventory.ts';
import type { PackageDatabase } from './package-database.ts';
import type { OwningPackage, PackageManifest } from './package-manifest.ts';

/** A shared library of a bundle, and what is known of its version. */
export interface LibraryDescription {
  /** Inside the bundle: `storage/v17/lib/libicuuc.so.76`. */
  readonly path: string;
  readonly soname: string;
  /** Null when nothing tells. */
  readonly version: string | null;
  /** What the version is taken from. */
  readonly versionFrom: 'contents' | 'file name' | 'package' | 'soname' | null;
  /** The package that it came out of, as the bundle says. */
  readonly package: OwningPackage | null;
  readonly buildId: string | null;
  readonly kernelFloor: string | null;
}

/** Where it may be told what package a file came out of: the bundle's own manifest, or a package manager's records. */
export interface PackageSources {
  readonly manifest: PackageManifest;
  readonly database: PackageDatabase;
}

/**
 * The shared libraries of a major, by path: those with a soname, which are for everyone, and not the modules of the server
 * or of libc, which are parts of those.
 */
export function describeLibraries(
  inventory: BundleInventory,
  major: number,
  { manifest, database }: PackageSources,
): readonly LibraryDescription[] {
  return inventory.elves.flatMap(({ path, elf, traits }) => {
    if (elf.kind === 'foreign' || elf.facts.linkage !== 'library' || !isOfMajor(inventory, major, path))
      return [];
    const { soname, buildId, kernelFloor } = elf.facts;
    // A module is opened by its path; a library is looked for by a name that bears a version.
    if (soname === undefined || !/\.so\.\d/.test(soname)) return [];
    const known = manifest.libraryOf(major, posix.basename(path)) ?? manifest.libraryOf(major, soname);
    const owner = known?.owner ?? database.ownerOf(path);
    const fromName = versionInName(known?.file ?? '') ?? versionInName(posix.basename(path));
    const [version, versionFrom] = firstKnown([
      [traits.libc?.version ?? traits.ownVersion, 'contents'],
      [owner?.distro === undefined ? undefined : upstreamOf(owner.version), 'package'],
      [fromName, 'file name'],
      [/\.so\.([\d.]+)$/.exec(soname)?.[1], 'soname'],
    ]);
    return [
      {
        path: shown(path),
        soname,
        version,
        versionFrom,
        package: owner ?? null,
        buildId: buildId ?? null,
        kernelFloor: kernelFloor ?? null,
      },
    ];
  });
}

type Guess = readonly [string | undefined, NonNullable<LibraryDescription['versionFrom']>];

function firstKnown(
  guesses: readonly Guess[],
): readonly [LibraryDescription['version'], LibraryDescription['versionFrom']] {
  const known = guesses.find(([version]) => version !== undefined);
  return known?.[0] === undefined ? [null, null] : [known[0], known[1]];
}

/** `60.2` of `libicuuc.so.60.2`; a single number is the soname's. */
function versionInName(name: string): string | undefined {
  return /\.so\.(\d+(?:\.\d+)+)$/.exec(name)?.[1] ?? /-(\d+(?:\.\d+)+)\.so$/.exec(name)?.[1];
}

/** A Debian version without epoch and revision: `76.1` of `76.1-4`, `1.2.13` of `1:1.2.13.dfsg-1`. */
function upstreamOf(version: string): string | undefined {
  const upstream = version
    .replace(/^\d+:/, '')
    .replace(/-[^-]*$/, '')
    .replace(/[.+~]?dfsg.*$/, '');
  return upstream === '' || upstream === 'unknown' ? undefined : upstream;
}
