import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';

import { RedoubtError } from '../error.ts';
import { icuIn, icuOfRoot, type IcuPlace, libraryDirectories } from '../host/composition/icu-place.ts';
import type { TreeFolders } from '../host/composition/library-folders.ts';
import type { Mount } from '../host/engine.ts';
import { resolveInRoot } from '../host/resolve-in-root.ts';
import type { ProbeBuild } from './probe-program.ts';

/** The libraries of one place, as a server there would use them: the probe runs in it and asks them. */
export interface CollationEnvironment {
  /** As the user named it. */
  readonly name: string;
  /** The folder of the machine that becomes `/`. */
  readonly rootPath: string;
  readonly probeBuild: ProbeBuild;
  /** Where glibc looks for locales, a path inside the root. */
  readonly localeDirectory: string;
  /** Undefined where there is no libicu; locales of ICU cannot be asked there. */
  readonly icu: IcuPlace | undefined;
  /** How a program is started in a tree that is no distro; undefined where its own loader does it. */
  readonly loader: ProgramLoader | undefined;
  /** Folders of other places that are seen in the root: libraries of a bundle that leans on its host. */
  readonly mounts: readonly Mount[];
}

export interface ProgramLoader {
  /** Paths inside the root. */
  readonly program: string;
  readonly libraryDirectories: readonly string[];
}

/** Where glibc looks for locales unless LOCPATH says otherwise. */
export const defaultLocaleDirectory = '/usr/lib/locale';

/**
 * Looks at an unpacked root of a distro: its C library, its locales, and the libicu that a server in it uses (its own where
 * it brings one, as npm's servers do). Nothing is run. Throws `no-libc` (usage) when there is no C library.
 */
export async function rootEnvironment(name: string, rootPath: string): Promise<CollationEnvironment> {
  const places = await Promise.all(libraryDirectories.map((directory) => listed(rootPath, directory)));
  const files = new Set(places.flat());
  if (!files.has('libc.so.6')) throw noLibc(name, rootPath);
  const icu = await icuOfRoot(rootPath);
  return {
    name,
    rootPath,
    probeBuild: (await hasSeparateLibdl(rootPath, libraryDirectories)) ? 'separate-libdl' : 'one-libc',
    localeDirectory: defaultLocaleDirectory,
    icu,
    loader: undefined,
    mounts: [],
  };
}

/** A tree that brings its loader, C library and libicu in one folder, as a bundle does. */
export async function treeEnvironment(
  name: string,
  rootPath: string,
  { libraries: directory, locales }: TreeFolders,
): Promise<CollationEnvironment> {
  const files = await listed(rootPath, directory);
  const loader = files.find((file) => /^ld-linux.*\.so\.\d+$/.test(file));
  if (loader === undefined || !files.includes('libc.so.6')) throw noLibc(name, join(rootPath, directory));
  return {
    name,
    rootPath,
    probeBuild: (await hasSeparateLibdl(rootPath, [directory])) ? 'separate-libdl' : 'one-libc',
    localeDirectory: locales === undefined ? defaultLocaleDirectory : posix.join('/', locales),
    icu: await icuIn(rootPath, directory),
    loader: { program: posix.join('/', directory, loader), libraryDirectories: [posix.join('/', directory)] },
    mounts: [],
  };
}

/** A root with a folder of another place in it, whose libicu is taken if there is one, as LD_LIBRARY_PATH would have it. */
export async function withLibraries(
  environment: CollationEnvironment,
  mount: Mount,
  directory: string,
): Promise<CollationEnvironment> {
  const inSource = posix.relative(mount.target, directory);
  const icu = await icuIn(mount.source, inSource);
  if (icu === undefined) return environment;
  return { ...environment, icu: { ...icu, directory }, mounts: [...environment.mounts, mount] };
}

/** SHA-256 over the files of an environment's libicu, code and data; undefined where there is none. */
export async function icuDigest(environment: CollationEnvironment): Promise<string | undefined> {
  const { icu } = environment;
  if (icu === undefined) return undefined;
  const digest = createHash('sha256');
  for (const name of ['icudata', 'icuuc', 'icui18n']) {
    const path = posix.join(icu.directory, `lib${name}.so.${String(icu.major)}`);
    digest.update(await readFile(await machinePath(environment, path)));
  }
  return digest.digest('hex').slice(0, 16);
}

/** SHA-256 of an environment's C library; its locales are apart. */
export async function libcDigest(environment: CollationEnvironment): Promise<string> {
  const { loader } = environment;
  const directories = loader === undefined ? libraryDirectories : loader.libraryDirectories;
  for (const directory of directories) {
    const path = await machinePath(environment, posix.join('/', directory, 'libc.so.6'));
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes !== undefined) return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  }
  throw noLibc(environment.name, environment.rootPath);
}

/** Where a path of an environment lies on the machine. */
export async function machinePath(
  { rootPath, mounts }: Pick<CollationEnvironment, 'rootPath' | 'mounts'>,
  path: string,
): Promise<string> {
  for (const { source, target } of mounts) {
    const below = posix.relative(target, path);
    if (below.startsWith('..')) continue;
    return join(source, await resolveInRoot(source, below));
  }
  return join(rootPath, await resolveInRoot(rootPath, path));
}

/** glibc 2.34 took dlopen in; Debian keeps an empty libdl for old programs, which then does no harm. */
async function hasSeparateLibdl(rootPath: string, directories: readonly string[]): Promise<boolean> {
  for (const directory of directories) {
    const path = await resolveInRoot(rootPath, posix.join(directory, 'libdl.so.2'));
    if (await stat(join(rootPath, path)).then(Boolean, () => false)) return true;
  }
  return false;
}

async function listed(rootPath: string, directory: string): Promise<readonly string[]> {
  return readdir(join(rootPath, await resolveInRoot(rootPath, directory))).catch(() => []);
}

function noLibc(name: string, where: string): RedoubtError {
  return new RedoubtError(
    'usage',
    'no-libc',
    `${name} has no C library that can be asked (libc.so.6 in ${where})`,
    {
      remedy: 'Name a distro, a compute image, an unpacked root, or a bundle that brings its libraries.',
      details: { name, where },
    },
  );
}
