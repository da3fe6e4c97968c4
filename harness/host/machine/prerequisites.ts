import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { execa } from 'execa';

import { RedoubtError } from '../../error.ts';
import { refreshPackageLists } from '../debian/apt-lists.ts';
import { lockPath } from '../cache.ts';
import { acquireLock } from '../lock.ts';
import type { Progress } from '../progress.ts';

/** A program of the machine that roots or the chroot engine need, and the Debian package that has it. */
export interface Tool {
  readonly program: string;
  readonly package: string;
}

export const tools: readonly Tool[] = [
  { program: 'apt-get', package: 'apt' },
  { program: 'chroot', package: 'coreutils' },
  { program: 'dpkg-deb', package: 'dpkg' },
  { program: 'flock', package: 'util-linux' },
  { program: 'mmdebstrap', package: 'mmdebstrap' },
  { program: 'mount', package: 'mount' },
  { program: 'setpriv', package: 'util-linux' },
  { program: 'unshare', package: 'util-linux' },
];

/** The tools, of those wanted, that are not on this machine's PATH. */
export async function missingTools(wanted: readonly Tool[] = tools): Promise<readonly Tool[]> {
  const found = await Promise.all(wanted.map(({ program }) => findProgram(program)));
  return wanted.filter((_, index) => found[index] === undefined);
}

/** The path of a program on this machine's PATH, or undefined. */
export async function findProgram(program: string): Promise<string | undefined> {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(directory, program);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}

/** Whether this machine is Debian or made from it, by os-release(5). */
export async function isDebianLike(): Promise<boolean> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^ID(_LIKE)?=.*\bdebian\b/m.test(text);
}

/** Throws `not-root` when this process is not root; `purpose` says what needs it. */
export function requireRoot(purpose: string): void {
  if (process.geteuid?.() === 0) return;
  throw new RedoubtError(
    'infrastructure',
    'not-root',
    `${purpose} needs root, and this is uid ${process.geteuid?.()}`,
    {
      remedy: 'Run the same command as root (sudo).',
    },
  );
}

/**
 * Sees that every tool is there; as root on Debian it installs what is missing with apt-get, telling so. Throws
 * `tools-missing`, which names the packages, when it cannot.
 */
export async function ensureTools(progress: Progress, wanted: readonly Tool[] = tools): Promise<void> {
  const missing = await missingTools(wanted);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((tool) => tool.package))];
  if (
    process.geteuid?.() !== 0 ||
    !(await isDebianLike()) ||
    missing.some(({ program }) => program === 'apt-get')
  ) {
    throw toolsMissing(missing, packages, 'not root, or not Debian');
  }
  // Without flock there is no lock; util-linux is essential on Debian, so this is a broken machine.
  if (missing.some(({ program }) => program === 'flock'))
    throw toolsMissing(missing, packages, 'util-linux is missing');
  await using _lock = await acquireLock(lockPath('apt/install'), () =>
    progress('tools', 'waiting for another run'),
  );
  const stillMissing = await missingTools(wanted);
  if (stillMissing.length === 0) return;
  progress('tools', `installing ${packages.join(', ')} with apt-get`);
  let complaint = await install(packages);
  if (complaint !== undefined) {
    await refreshPackageLists(progress);
    complaint = await install(packages);
  }
  const left = await missingTools(wanted);
  if (left.length > 0) throw toolsMissing(left, packages, complaint ?? 'apt-get installed them to no avail');
}

/** Installs packages; returns the last lines of what apt-get said when it failed. */
async function install(packages: readonly string[]): Promise<string | undefined> {
  const result = await execa(
    'apt-get',
    ['-q', '-y', '-o', 'DPkg::Lock::Timeout=120', 'install', '--no-install-recommends', ...packages],
    { reject: false, stdin: 'ignore', all: true, env: { LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' } },
  );
  return result.failed ? result.all.slice(-500) : undefined;
}

function toolsMissing(missing: readonly Tool[], packages: readonly string[], reason: string): RedoubtError {
  const programs = missing.map(({ program }) => program);
  return new RedoubtError(
    'infrastructure',
    'tools-missing',
    `this machine lacks ${programs.join(', ')} (${reason})`,
    {
      remedy: `As root on Debian or Ubuntu: apt-get install ${packages.join(' ')}. Elsewhere install the same programs.`,
      details: { programs, packages: [...packages] },
    },
  );
}
