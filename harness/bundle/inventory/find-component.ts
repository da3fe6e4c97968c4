import type { BundleDescription } from './describe-bundle.ts';

/** One place in one bundle where a component that was asked for lies. */
export interface FoundComponent {
  readonly bundle: string;
  readonly digest: string;
  readonly major: number;
  /** The file name of a library, or the name of a package. */
  readonly component: string;
  readonly version: string | null;
  /** The package that brought it, as the bundle says; null where it does not. */
  readonly package: string | null;
  /** Null for a package of which no library bears its name. */
  readonly path: string | null;
}

/**
 * Where a component lies, by a part of the name of a library or of its package, in capitals or not: "CVE in a dependency:
 * who, and which bundle". A package is named by itself only where no library of it is.
 */
export function findComponent(description: BundleDescription, name: string): readonly FoundComponent[] {
  const wanted = name.toLowerCase();
  const isWanted = (text: string): boolean => text.toLowerCase().includes(wanted);
  return description.majors.flatMap(({ major, server, libraries, packages }) => {
    const base = { bundle: description.source, digest: description.digest, major };
    const held = libraries
      .filter(({ soname, package: owner }) => isWanted(soname) || isWanted(owner?.name ?? ''))
      .map((library) => ({
        ...base,
        component: library.soname,
        version: library.version,
        package: library.package === null ? null : `${library.package.name} ${library.package.version}`,
        path: library.path,
      }));
    const named = packages
      .filter((owner) => isWanted(owner.name) && !libraries.some((each) => each.package?.name === owner.name))
      .map((owner) => ({
        ...base,
        component: owner.name,
        version: owner.version,
        package: `${owner.name} ${owner.version}`,
        path: null,
      }));
    const isServer = isWanted('postgresql') && named.length === 0;
    const self = isServer
      ? [{ ...base, component: 'postgresql', version: server.version, package: null, path: server.path }]
      : [];
    return [...self, ...held, ...named];
  });
}
