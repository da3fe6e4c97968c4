import { execa } from 'execa';

import { RedoubtError } from '../error.ts';
import { systemError } from './system-error.ts';

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
 * source is Debian's, `apt-missing` when there is no apt.
 */
export async function debianMirror(): Promise<string> {
  const format = fields.map((field) => `$(${field})`).join(separator);
  const { stdout } = await execa('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'], {
    env: { LC_ALL: 'C' },
  }).catch((error: unknown) => {
    throw systemError('cannot ask apt-get for its sources', error);
  });
  const mirror = chooseMirror(parseIndexTargets(stdout));
  if (mirror === undefined) {
    throw new RedoubtError(
      'infrastructure',
      'mirror-missing',
      "apt's sources on this machine name no Debian archive",
      {
        remedy: 'Add the main Debian archive to /etc/apt/sources.list, run apt-get update, and try again.',
        details: { output: stdout.slice(0, 2000) },
      },
    );
  }
  return mirror;
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
