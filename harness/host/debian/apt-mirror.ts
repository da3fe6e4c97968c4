import { execa } from 'execa';

import { RedoubtError } from '../../error.ts';
import { refreshPackageLists } from './apt-lists.ts';
import type { Progress } from '../progress.ts';
import { systemError } from '../system-error.ts';

/** One index that the machine's apt is configured to read. */
export interface IndexTarget {
  readonly repositoryUri: string;
  readonly release: string;
  readonly codename: string;
  readonly component: string;
  /** Empty until `apt-get update` has fetched the archive's Release file. */
  readonly origin: string;
  readonly label: string;
}

const fields = ['REPO_URI', 'RELEASE', 'CODENAME', 'COMPONENT', 'ORIGIN', 'LABEL'] as const;
const separator = '\t';

/** Suites of the main archive, by code name and by standing name. */
const mainSuites = /^(bullseye|bookworm|trixie|forky|sid|oldoldstable|oldstable|stable|testing|unstable)$/;

/**
 * The address of Debian's main archive as this machine's own apt configuration names it. Throws `mirror-missing` when no
 * source is Debian's, or when the lists were never fetched: apt names only the sources that it knows something of.
 */
export async function debianMirror(): Promise<string> {
  const mirror = await findMirror();
  if (mirror !== undefined) return mirror;
  throw new RedoubtError('infrastructure', 'mirror-missing', 'apt on this machine knows no Debian archive', {
    remedy: "Name Debian's main archive in /etc/apt/sources.list, run apt-get update, and try again.",
  });
}

/**
 * As `debianMirror`, but fetches the package lists first when apt knows no Debian archive without them. Throws
 * `mirror-unreachable` with apt's own words when that fails.
 */
export async function ensureDebianMirror(progress: Progress): Promise<string> {
  const mirror = await findMirror();
  if (mirror !== undefined) return mirror;
  const complaint = await refreshPackageLists(progress);
  const found = await findMirror();
  if (found !== undefined) return found;
  if (complaint === '') return debianMirror();
  throw new RedoubtError(
    'infrastructure',
    'mirror-unreachable',
    `apt on this machine cannot fetch the lists of a Debian archive: ${complaint}`,
    { remedy: 'See that the archive in /etc/apt/sources.list answers (apt-get update), and try again.' },
  );
}

/** Reads what `apt-get indextargets` prints in this module's format. */
export function parseIndexTargets(output: string): readonly IndexTarget[] {
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      // A field that apt does not know is printed as its own name.
      const [repositoryUri = '', release = '', codename = '', component = '', origin = '', label = ''] = line
        .split(separator)
        .map((value) => (value.startsWith('$(') ? '' : value));
      return { repositoryUri, release, codename, component, origin, label };
    });
}

/** The main Debian archive among apt's sources; security, updates and other vendors' archives are not it. */
export function chooseMirror(targets: readonly IndexTarget[]): string | undefined {
  const candidates = targets.filter(
    ({ component, release }) => component === 'main' && mainSuites.test(release),
  );
  const known = candidates.find(({ origin, label }) => origin === 'Debian' && label === 'Debian');
  const unfetched = candidates.find(({ origin, label }) => origin === '' && label === '');
  return (known ?? unfetched)?.repositoryUri;
}

/** The proxies that the machine's apt goes through, as environment variables for another apt. */
export async function aptProxies(): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await execa('apt-config', ['dump', '--format', `%f${separator}%v%n`, 'Acquire'], {
    env: { LC_ALL: 'C' },
  }).catch((error: unknown) => {
    throw systemError('cannot ask apt-config for its proxies', error);
  });
  return parseProxies(stdout);
}

/** Reads what `apt-config dump` prints in this module's format: `Acquire::http::Proxy`, a tab, the address. */
export function parseProxies(output: string): Readonly<Record<string, string>> {
  const pairs = output.split('\n').flatMap((line): readonly (readonly [string, string])[] => {
    const [, scheme = '', address = ''] = /^Acquire::(https?)::Proxy\t(.+)$/i.exec(line) ?? [];
    return address === '' || address === 'DIRECT' ? [] : [[`${scheme.toLowerCase()}_proxy`, address]];
  });
  return Object.fromEntries(pairs);
}

async function findMirror(): Promise<string | undefined> {
  const format = fields.map((field) => `$(${field})`).join(separator);
  const { stdout } = await execa('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'], {
    env: { LC_ALL: 'C' },
  }).catch((error: unknown) => {
    throw systemError('cannot ask apt-get for its sources', error);
  });
  return chooseMirror(parseIndexTargets(stdout));
}
