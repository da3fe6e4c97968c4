import { createHash } from 'node:crypto';
import { join } from 'node:path';

import { digestFiles } from '../bundle/digest.ts';
import { type BundleInventory, isBelow } from '../bundle/inventory/bundle-inventory.ts';
import { describeBundle, type MajorDescription } from '../bundle/inventory/describe-bundle.ts';
import type { LibraryDescription } from '../bundle/inventory/library-description.ts';
import { resolveFile } from '../bundle/inventory/resolve-path.ts';
import type { Bundle } from '../bundle/open.ts';
import type { BundleLock, PinnedLibrary, PinnedMajor } from './bundle-lock.ts';

/** What the files of a major tell; the rest needs its programs. */
export type FileFacts = Omit<PinnedMajor, 'initdb' | 'order'>;

export interface BundleFileFacts {
  readonly majors: readonly FileFacts[];
  readonly localeSets: BundleLock['localeSets'];
}

const shortDigestLength = 16;
const noCategory = '0'.repeat(shortDigestLength);

/** Takes down of the majors asked for what a change of the bundle will be held against. Nothing is executed. */
export async function takeFileFacts(
  bundle: Bundle,
  inventory: BundleInventory,
  majors: readonly number[],
): Promise<BundleFileFacts> {
  const localeSets: Record<string, Readonly<Record<string, string>>> = {};
  const facts: FileFacts[] = [];
  for (const description of describeBundle(inventory, bundle).majors) {
    if (!majors.includes(description.major)) continue;
    const set = await localeSet(bundle, inventory, description);
    const setDigest = Object.keys(set).length === 0 ? null : shortDigest(JSON.stringify(set));
    if (setDigest !== null) localeSets[setDigest] = set;
    facts.push(await factsOfMajor(bundle, description, setDigest));
  }
  return { majors: facts, localeSets };
}

async function factsOfMajor(
  { directory }: Bundle,
  { major, server, icu, libc, collationVersions, libraries }: MajorDescription,
  locales: string | null,
): Promise<FileFacts> {
  const ofIcu = libraries.filter(({ soname }) => /^libicu(?:uc|i18n|data)\.so\./.test(soname));
  const paths = [server.path, ...(libc === null ? [] : [libc.path]), ...libraries.map(({ path }) => path)];
  const digests = await digestFiles(paths.map((path) => join(directory, path)));
  const digestOf = new Map(paths.map((path, index) => [path, digests[index] ?? '']));
  const { blockBytes, segmentBytes, walBlockBytes } = server;
  return {
    major,
    server: {
      version: server.version,
      sha256: digestOf.get(server.path) ?? '',
      catalogVersion: server.catalogVersion,
      sizes: blockBytes === null ? null : [blockBytes, segmentBytes, walBlockBytes].join('/'),
    },
    libicu:
      icu === null || ofIcu.length === 0
        ? null
        : {
            version: icu.version,
            package: icu.package === null ? null : `${icu.package.name} ${icu.package.version}`,
            sha256: sha256(ofIcu.map(({ path }) => digestOf.get(path) ?? '').join('\0')),
          },
    libc:
      libc === null
        ? null
        : {
            version: libc.version,
            package: packageOf(libraries.find(({ path }) => path === libc.path)),
            sha256: digestOf.get(libc.path) ?? '',
          },
    collversions: collationVersions,
    locales,
    libraries: Object.fromEntries(
      libraries
        .map((library): readonly [string, PinnedLibrary] => [
          library.soname,
          {
            version: library.version,
            package: packageOf(library),
            sha256: digestOf.get(library.path) ?? '',
          },
        ])
        .toSorted(([left], [right]) => (left < right ? -1 : 1)),
    ),
  };
}

/** For each locale of the bundle's own what orders its strings, and what it takes for a letter, by digests. */
async function localeSet(
  { directory }: Bundle,
  { tree, entries }: BundleInventory,
  { locales }: MajorDescription,
): Promise<Readonly<Record<string, string>>> {
  const categories: { readonly locale: string; readonly paths: readonly (string | undefined)[] }[] = [];
  for (const folder of locales.folders.map((path) => `/${path}`)) {
    for (const locale of locales.names) {
      if (!entries.has(`${folder}/${locale}`)) continue;
      const paths = ['LC_COLLATE', 'LC_CTYPE'].map((name) =>
        resolveFile(tree, `${folder}/${locale}/${name}`),
      );
      categories.push({ locale, paths });
    }
  }
  // What is looked at lies in the bundle, whatever its links say.
  const files = [...new Set(categories.flatMap(({ paths }) => paths))].filter(
    (path) => path !== undefined && isBelow(path, '/'),
  ) as string[];
  const digests = await digestFiles(files.map((path) => join(directory, path)));
  const digestOf = new Map(files.map((path, index) => [path, digests[index]?.slice(0, shortDigestLength)]));
  const ofFolders = categories.map(
    ({ locale, paths }) =>
      [
        locale,
        paths.map((path) => (path === undefined ? undefined : digestOf.get(path)) ?? noCategory).join('/'),
      ] as const,
  );
  const archives = await digestFiles(locales.archives.map((path) => join(directory, path)));
  const ofArchives = archives.map((digest, index) => {
    const short = digest.slice(0, shortDigestLength);
    return [`archive ${locales.archives[index] ?? ''}`, `${short}/${short}`] as const;
  });
  return Object.fromEntries(
    [...ofFolders, ...ofArchives].toSorted(([left], [right]) => (left < right ? -1 : 1)),
  );
}

function packageOf(library: LibraryDescription | undefined): string | null {
  const owner = library?.package;
  return owner === undefined || owner === null ? null : `${owner.name} ${owner.version}`;
}

/** The first digits of SHA-256: enough to tell one thing from another where nobody makes them alike on purpose. */
export function shortDigest(text: string): string {
  return sha256(text).slice(0, shortDigestLength);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
