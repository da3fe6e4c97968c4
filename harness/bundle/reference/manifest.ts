import { basename } from 'node:path';

import { type BroughtLibrary, generatedBy } from '../../host/composition/brought-library.ts';
import { packageOwners } from '../../host/debian/package-owners.ts';
import type { MajorRoots } from './build.ts';
import { headersMajor } from './headers.ts';
import type { MajorTree } from './major-tree.ts';

/** Raised whenever the bundle's layout changes. */
export const bundleRecipeVersion = 5;

/** Where a reference bundle says what it is made of. */
export const manifestPath = 'storage/manifest.json';

/**
 * What went into the bundle, as it says itself: for each major the suite and packages of its
 * server and libraries, who owns each library, and the headers that its walredo was built from.
 */
export async function manifestText(
  roots: readonly MajorRoots[],
  parts: readonly { readonly tree: MajorTree }[],
): Promise<string> {
  const majors = await Promise.all(
    roots.map(
      async (root, index) => [`v${root.major}`, await majorManifest(root, parts[index]?.tree)] as const,
    ),
  );
  const manifest = {
    schemaVersion: 1,
    recipeVersion: bundleRecipeVersion,
    majors: Object.fromEntries(majors),
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

async function majorManifest(
  { major, compute, build }: MajorRoots,
  tree: MajorTree | undefined,
): Promise<object> {
  const byPath = await packageOwners(compute.path, tree?.taken ?? []);
  const owners = [...new Set([...byPath.values()].flat())].toSorted();
  // What a root has beside Debian's packages is the server.
  const others = Object.keys(compute.packages).filter((name) => name.startsWith('@'));
  const brought = new Map(compute.composition?.libraries.map((library) => [library.path, library]));
  const headers = `postgresql-server-dev-${headersMajor(major)}`;
  return {
    suite: compute.suite,
    packages: Object.fromEntries(
      [...others, ...owners].map((name) => [name, compute.packages[name] ?? 'unknown']),
    ),
    libraries: Object.fromEntries(
      [...(tree?.libraries ?? [])]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, path]) => {
          const elsewhere = brought.get(path);
          // What no package of Debian's owns came with the server.
          const owner = byPath.get(path)?.[0] ?? others[0] ?? 'unknown';
          return [
            name,
            elsewhere === undefined ? { package: owner, file: basename(path) } : broughtManifest(elsewhere),
          ];
        }),
    ),
    ...(compute.composition === undefined
      ? {}
      : { composition: { words: compute.composition.words, parts: compute.composition.parts } }),
    headers: { [headers]: build.packages[headers] ?? 'unknown' },
    ...(headersMajor(major) === major ? {} : { note: borrowedHeadersNote(major) }),
  };
}

/** A library that another root gave, or that was made to forward to one: what it is, and whose. */
function broughtManifest({ from, file, package: owner, rebound, shimmed }: BroughtLibrary): object {
  return {
    package: owner?.name ?? from,
    file,
    from,
    ...(owner === null
      ? { version: from === generatedBy ? 'generated' : 'unknown' }
      : { version: owner.version, suite: owner.suite }),
    ...(rebound.length === 0 ? {} : { rebound }),
    ...(shimmed.length === 0 ? {} : { shimmed }),
  };
}

/** The label of a major whose walredo is not built from its own headers. */
export function borrowedHeadersNote(major: number): string {
  return `${major}: built from ${headersMajor(major)}'s headers, self-tested`;
}
