import { shown } from '../inventory/bundle-inventory.ts';
import { isLibraryName } from '../inventory/file-content.ts';
import type { MissingLibrary, MissingVersion } from '../inventory/library-search.ts';
import { type FileFault, someOf } from './file-fault.ts';
import type { MajorFiles } from './major-files.ts';

/** Every loader, library and version of symbols that a program or module needs is found where it would be looked for. */
export function libraryFaults({ processes, inventory }: MajorFiles): readonly FileFault[] {
  const all = [...processes.processes, ...processes.modules];
  const place =
    inventory.layout === 'pg-install' ? 'neither the bundle nor the host has' : 'the bundle does not hold';
  const name = (path: string): string => shown(path.slice(processes.prefix.length));
  return [
    ...interpreterFaults(processes.interpreters, place, name),
    ...missingFaults(
      all.flatMap(({ missing }) => missing),
      place,
      name,
    ),
    ...versionFaults(
      all.flatMap(({ missingVersions }) => missingVersions),
      processes.prefix,
    ),
  ];
}

type Name = (path: string) => string;

function interpreterFaults(
  interpreters: MajorFiles['processes']['interpreters'],
  place: string,
  name: Name,
): readonly FileFault[] {
  const absent = Map.groupBy(
    interpreters.filter(({ isThere }) => !isThere),
    ({ interpreter }) => interpreter,
  );
  return [...absent].map(([interpreter, programs]) => {
    const paths = programs.map(({ program }) => name(program));
    return {
      code: 'interpreter-missing',
      message: `${someOf(paths)} ${paths.length === 1 ? 'asks' : 'ask'} for the loader ${interpreter}, which ${place}`,
      details: { interpreter, programs: paths },
    };
  });
}

function missingFaults(missing: readonly MissingLibrary[], place: string, name: Name): readonly FileFault[] {
  return [...Map.groupBy(missing, ({ library }) => library)].map(([library, asked]) => {
    const neededBy = programsFirst(asked.map((each) => name(each.neededBy)));
    const searched = [...new Set(asked.flatMap((each) => each.searched))];
    const origin = asked.some(({ needsProc }) => needsProc)
      ? '; $ORIGIN of a program is unknown in a root without /proc'
      : '';
    return {
      code: 'library-missing',
      message: `${someOf(neededBy)} ${neededBy.length === 1 ? 'needs' : 'need'} ${library}, which ${place} where it would be looked for (${someOf(searched)})${origin}`,
      details: { library, neededBy, searched },
    };
  });
}

function versionFaults(missing: readonly MissingVersion[], prefix: string): readonly FileFault[] {
  const grouped = Map.groupBy(missing, ({ path, version }) => `${path}\0${version}`);
  return [...grouped.values()].flatMap((asked) => {
    const [first] = asked;
    if (first === undefined) return [];
    const { version, path } = first;
    const isOwn = path.startsWith(`${prefix}/`);
    const shownPath = isOwn ? shown(path.slice(prefix.length)) : `${path} of the host`;
    const neededBy = programsFirst(asked.map((each) => shown(each.neededBy.slice(prefix.length))));
    return [
      {
        code: 'symbol-version-missing',
        message: `${someOf(neededBy)} ${neededBy.length === 1 ? 'needs' : 'need'} symbols of version ${version}, which ${shownPath} does not define`,
        details: { version, library: shownPath, neededBy },
      } satisfies FileFault,
    ];
  });
}

function programsFirst(paths: readonly string[]): readonly string[] {
  const sorted = [...new Set(paths)].toSorted();
  return [...sorted.filter((path) => !isLibraryName(path)), ...sorted.filter(isLibraryName)];
}
