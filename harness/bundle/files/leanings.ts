import { posix } from 'node:path';

import { shown } from '../inventory/bundle-inventory.ts';
import { resolveFolder } from '../inventory/resolve-path.ts';
import { someOf } from './file-fault.ts';
import type { MajorFiles } from './major-files.ts';
import { zoneFolder } from './time-zone-faults.ts';

/** On what a bundle leans, by files alone: libraries and versions of the host's, locales, time zones; or on its LAUNCHER. */
export function leanings(files: MajorFiles): readonly string[] {
  const { processes, inventory } = files;
  if (inventory.layout === 'chroot') {
    return processes.leftToLauncher.map(
      ({ program, folders }) =>
        `${shown(program)} finds libraries only if LAUNCHER names ${folders.map(shown).join(', ')}`,
    );
  }
  return inventory.layout === 'pg-install' ? hostLeanings(files) : [];
}

function hostLeanings(files: MajorFiles): readonly string[] {
  const { processes } = files;
  const zones = zoneFolder(files);
  return [
    ...hostLibraries(files).map(({ path, newest, soname }) => {
      const versions = newest.length === 0 ? '' : ` (symbols up to ${newest.join(', ')})`;
      return `takes ${soname}${versions} from the host: ${path}`;
    }),
    ...localeLeanings(files),
    ...(zones !== undefined && !zones.startsWith(`${processes.prefix}/`)
      ? [`takes time zones from the host: ${zones}`]
      : []),
  ];
}

/** A library that programs or modules of a bundle take from their host. */
interface HostLibrary {
  readonly soname: string;
  readonly path: string;
  /** The newest version of each kind of symbols that is asked for: `GLIBC_2.25`. */
  readonly newest: readonly string[];
}

/** The libraries of the host that would be loaded, in the order of their names. */
function hostLibraries({ processes }: MajorFiles): readonly HostLibrary[] {
  const objects = [...processes.processes, ...processes.modules].flatMap((process) => process.objects);
  const paths = new Map<string, string>();
  const isOwn = (path: string): boolean => path.startsWith(`${processes.prefix}/`);
  for (const { path, facts } of objects)
    if (!isOwn(path)) paths.set(facts.soname ?? posix.basename(path), path);
  const asked = objects.filter(({ path }) => isOwn(path)).flatMap(({ facts }) => facts.neededVersions);
  return [...paths]
    .map(([soname, path]) => ({
      soname,
      path,
      newest: newestOfEach(asked.filter(({ library }) => library === soname).map(({ version }) => version)),
    }))
    .toSorted((a, b) => (a.soname < b.soname ? -1 : 1));
}

function localeLeanings({ processes }: MajorFiles): readonly string[] {
  const folder = resolveFolder(processes.tree, '/usr/lib/locale');
  const entry = folder === undefined ? undefined : processes.tree.entry(folder);
  const names = entry?.kind === 'directory' ? entry.names : [];
  if (names.length === 0) return ['finds no locales on the host: it knows C alone'];
  const archive = names.includes('locale-archive') ? 'an archive and ' : '';
  const folders = names.filter((name) => name !== 'locale-archive');
  return [
    `takes locales from the host: ${archive}${String(folders.length)} folders in /usr/lib/locale (${someOf(folders, 2)})`,
  ];
}

/** Of `GLIBC_2.2.5`, `GLIBC_2.25`, `GCC_3.0` the newest of each word. */
function newestOfEach(versions: readonly string[]): readonly string[] {
  const newest = new Map<string, string>();
  for (const version of versions) {
    const word = version.replace(/_[\d.]+$/, '');
    const known = newest.get(word);
    if (known === undefined || known.localeCompare(version, 'en', { numeric: true }) < 0)
      newest.set(word, version);
  }
  return [...newest.values()].toSorted();
}
