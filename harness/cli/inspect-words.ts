import type { BundleDescription, MajorDescription } from '../bundle/inventory/describe-bundle.ts';
import type { FoundComponent } from '../bundle/inventory/find-component.ts';
import { table } from './table.ts';

/** A bundle's description for people. */
export function inspectWords(description: BundleDescription): readonly string[] {
  const { source, digest, layout, fileCount } = description;
  return [
    `${source} (${layout}, sha256 ${digest.slice(0, 12)}): ${fileCount.toLocaleString('en')} files`,
    ...description.majors.flatMap((major) => ['', ...majorWords(major)]),
  ];
}

/** Where a component was found, for people. */
export function findWords(
  name: string,
  found: readonly FoundComponent[],
  bundles: number,
): readonly string[] {
  if (found.length === 0)
    return [`${name}: in none of ${String(bundles)} ${bundles === 1 ? 'bundle' : 'bundles'}`];
  const rows = found.map((each) => [
    each.bundle,
    `v${String(each.major)}`,
    each.component,
    each.version ?? 'unknown',
    each.package ?? 'unknown',
    each.path ?? '',
  ]);
  return table(['bundle', 'major', 'component', 'version', 'package', 'path'], rows);
}

function majorWords(major: MajorDescription): readonly string[] {
  const { server, libc, icu, collationVersions, locales, compilers, openedByName } = major;
  const absent = server.linkage.startsWith('static')
    ? 'inside the program, which does not tell its version'
    : 'none of its own';
  const built = Object.entries(server.options).map(
    ([name, value]) => `${name} ${value === null ? 'unknown' : value ? 'yes' : 'no'}`,
  );
  const notInside = openedByName.filter(({ isThere }) => !isThere).map(({ library }) => library);
  return [
    `v${String(major.major)}: PostgreSQL ${server.version}`,
    ...facts([
      ...(major.composition === null ? [] : [['composed', compositionWords(major.composition)] as const]),
      ['server', `${server.path} (${server.linkage}, ${server.platform}, ${server.compiler})`],
      ['catalog', server.catalogVersion === null ? 'unknown' : String(server.catalogVersion)],
      ['sizes', sizeWords(server)],
      ['built with', built.join(', ')],
      ['libc', libc === null ? absent : `${libc.version} (${libc.words})`],
      [
        'libicu',
        icu === null
          ? absent
          : `${icu.version}${icu.package === null ? '' : ` (${icu.package.name} ${icu.package.version})`}`,
      ],
      [
        'collversions',
        `libc ${collationVersions.libc ?? "the host's"}, ICU root ${collationVersions.icuRoot ?? 'unknown'} (by the files)`,
      ],
      ['locales', localeWords(locales)],
      ['time zones', major.timeZones ?? "none of its own: the host's"],
      [
        'compilers',
        compilers
          .slice(0, 4)
          .map(({ compiler, files }) => `${compiler} (${String(files)} files)`)
          .join('; '),
      ],
      [
        'kernel',
        major.kernelFloor === null ? 'asks for none' : `asks for Linux ${major.kernelFloor} or newer`,
      ],
      ...(major.missingLibraries.length === 0
        ? []
        : [['not inside', major.missingLibraries.join(', ')] as const]),
      ...(notInside.length === 0 ? [] : [['named, not inside', notInside.join(', ')] as const]),
    ]),
    ...table(
      ['  library', 'version', 'package'],
      major.libraries.map(({ soname, version, package: owner }) => [
        `  ${soname}`,
        version ?? 'unknown',
        owner === null ? 'unknown' : `${owner.name} ${owner.version}`,
      ]),
    ),
  ];
}

function compositionWords({ words, parts }: NonNullable<MajorDescription['composition']>): string {
  const named = Object.entries(parts).map(([part, root]) => `${part} of ${root}`);
  return `${named.join(', ')} (${words})`;
}

function sizeWords({ blockBytes, segmentBytes, walBlockBytes }: MajorDescription['server']): string {
  if (blockBytes === null || segmentBytes === null || walBlockBytes === null) return 'unknown';
  return `blocks ${String(blockBytes)}, segments ${String(segmentBytes)}, WAL blocks ${String(walBlockBytes)}`;
}

function localeWords({ folders, archives, names }: MajorDescription['locales']): string {
  if (folders.length === 0 && archives.length === 0) return "none of its own: the host's, or C alone";
  return `${String(names.length)} in ${[...folders, ...archives].join(', ')}`;
}

function facts(pairs: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, words]) => `  ${name.padEnd(width)}  ${words}`);
}
