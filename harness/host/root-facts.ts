import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parsePackageStatus } from './debian/package-status.ts';
import { resolveInRoot } from './resolve-in-root.ts';

/** The C library of a root, by its own files: nothing is run. */
export type RootLibc =
  | { readonly kind: 'glibc'; readonly version: string }
  | { readonly kind: 'musl'; readonly version: string }
  | { readonly kind: 'none' };

/** What an unpacked root says of itself. */
export interface RootFacts {
  /** `PRETTY_NAME` of os-release(5); empty without one. */
  readonly system: string;
  readonly libc: RootLibc;
  /** Packages of dpkg's or apk's database with their versions; empty where there is none that can be read. */
  readonly packages: Readonly<Record<string, string>>;
}

const libraryFolders = ['lib64', 'usr/lib64', 'lib', 'usr/lib'] as const;
const mostFileBytes = 64 * 2 ** 20;
/** In every glibc ("GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.") and in every musl. */
const glibcBanner = /GNU C Library [^\n]{0,200}? release version (\d+\.\d+)/;
const muslVersion = /(?:^|\0)(\d+\.\d+\.\d+)(?:\0|$)/;

/** Reads a root's facts; its links are followed as they lead inside of it. */
export async function readRootFacts(root: string): Promise<RootFacts> {
  const release = await readText(root, 'etc/os-release');
  return {
    system: /^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1] ?? '',
    libc: await findLibc(root),
    packages: {
      ...parsePackageStatus(await readText(root, 'var/lib/dpkg/status')),
      ...parseApkDatabase(await readText(root, 'lib/apk/db/installed')),
    },
  };
}

/** `glibc 2.36`, `musl 1.2.5`, `no libc`. */
export function libcWords(libc: RootLibc): string {
  return libc.kind === 'none' ? 'no libc' : `${libc.kind} ${libc.version}`.trim();
}

/** Versions of the packages in apk's database (apk's P: and V: lines, blank lines between packages). */
export function parseApkDatabase(text: string): Readonly<Record<string, string>> {
  const pairs = text.split('\n\n').flatMap((stanza): readonly (readonly [string, string])[] => {
    const name = /^P:(.+)$/m.exec(stanza)?.[1];
    const version = /^V:(.+)$/m.exec(stanza)?.[1];
    return name === undefined || version === undefined ? [] : [[name, version]];
  });
  return Object.fromEntries(pairs);
}

async function findLibc(root: string): Promise<RootLibc> {
  for (const folder of await libraryPlaces(root)) {
    const names = await namesIn(root, folder);
    if (names.includes('libc.so.6')) {
      const version = glibcBanner.exec(await readText(root, `${folder}/libc.so.6`))?.[1] ?? '';
      return { kind: 'glibc', version };
    }
    const musl = names.find((name) => /^ld-musl-.*\.so\.1$/.test(name));
    if (musl !== undefined) {
      return {
        kind: 'musl',
        version: muslVersion.exec(await readText(root, `${folder}/${musl}`))?.[1] ?? '',
      };
    }
  }
  return { kind: 'none' };
}

/** Debian puts libraries into folders named after the machine (`lib/x86_64-linux-gnu`). */
async function libraryPlaces(root: string): Promise<readonly string[]> {
  const found = await Promise.all(
    libraryFolders.map(async (folder) => {
      const names = await namesIn(root, folder);
      const inner = names.filter((name) => name.endsWith('-linux-gnu') || name.endsWith('-linux-musl'));
      return [folder, ...inner.map((name) => `${folder}/${name}`)];
    }),
  );
  return found.flat();
}

async function namesIn(root: string, folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(join(root, await resolveInRoot(root, folder)))).toSorted();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

/** A file's text, of a library as Latin-1; empty when there is no such plain file. */
async function readText(root: string, path: string): Promise<string> {
  const resolved = join(root, await resolveInRoot(root, path));
  const stats = await lstat(resolved).catch(() => undefined);
  if (stats?.isFile() !== true || stats.size > mostFileBytes) return '';
  return readFile(resolved, path.includes('.so') ? 'latin1' : 'utf8');
}
