import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';

import type { Host } from '../../host/engine.ts';
import { runBuildTool, type NativeParts } from './compile-native.ts';
import { libraryClosure } from './library-closure.ts';
import { relocate } from './relocation.ts';
import { takeFile, takeFolder } from './root-files.ts';
import type { ServerFiles } from './server-files.ts';
import type { TreeEntry } from './tree-entry.ts';

export interface MajorTreeOptions {
  readonly major: number;
  /** The compute root of that major, whose server, libc, ICU, locales and zones go into the bundle. */
  readonly root: string;
  /** Where that root has them. */
  readonly server: ServerFiles;
  readonly native: NativeParts;
  /** A build root with patchelf. */
  readonly host: Host;
  /** An empty folder of the machine for patched copies. */
  readonly workDirectory: string;
}

export interface MajorTree {
  readonly entries: readonly TreeEntry[];
  /** Paths inside the compute root that went into the bundle, for naming their packages. */
  readonly taken: readonly string[];
  /** The shared libraries by the names under which they are looked for: their real paths in the compute root. */
  readonly libraries: ReadonlyMap<string, string>;
}

/** The folder of a major inside a bundle, as the launchers and the patched programs know it. */
export function majorDirectory(major: number): string {
  return `storage/v${major}`;
}

/**
 * LLVM is left out on purpose: `llvmjit.so` would bring 110 MB of libLLVM, and neither initdb nor walredo compiles
 * queries. The server goes on without it when it is asked to. So are the languages whose interpreters npm's servers
 * expect of their host.
 */
function isLeftOut(path: string): boolean {
  return /^(llvmjit\.so|llvmjit_types\.bc|bitcode|pgxs|(\w+_)?pl(perlu?|python3u?)\.so|pltcl\.so)$/.test(
    path,
  );
}

/** What would make a language whose module is left out. */
function isOfLeftOutLanguage(path: string): boolean {
  return /^extension\/(\w+_)?pl(perl|python|tcl)\w*(--|\.)/.test(path);
}

/**
 * Everything of one major below `storage/vNN`: the server and initdb with their modules and share files, the closure
 * of shared libraries with its loader, and the locales, conversions and time zones of that root's libc. Programs are
 * patched to find loader and libraries there (a DT_RPATH, which libraries inherit), and compiled-in folders are
 * replaced by ones of the same length; code and data are untouched.
 */
export async function majorTree(options: MajorTreeOptions): Promise<MajorTree> {
  const { major, root, server, native } = options;
  const base = majorDirectory(major);
  const modulesFolder = `${base}/${server.modules.to}`;
  const modules = await takeFolder(root, server.modules.from, modulesFolder, isLeftOut);
  const modulePaths = modules
    .filter(({ kind, path }) => kind === 'file' && path.endsWith('.so'))
    .map(({ path }) => `${server.modules.from}/${basename(path)}`);
  const programs = [`${server.programs}/postgres`, `${server.programs}/initdb`, '/usr/bin/locale'];
  const libraries = await libraryClosure(root, [...programs, ...modulePaths], server.ownLibraries);
  const [postgres, initdb, locale] = await Promise.all([
    patchProgram(options, `${server.programs}/postgres`, zoneRelocation(server, base)),
    patchProgram(options, `${server.programs}/initdb`, zoneRelocation(server, base)),
    patchProgram(options, '/usr/bin/locale', { from: '/usr/lib/locale', to: `/${localesIn(base)}` }),
  ]);
  const bin = `${base}/lib/postgresql/${major}/bin`;
  const libraryEntries = await Promise.all(
    [...libraries].map(([name, path]) => takeFile(root, path, `${base}/lib/${name}`)),
  );
  const entries: TreeEntry[] = [
    program(`${bin}/postgres`, native.postgres),
    program(`${bin}/postgres-server`, postgres),
    program(`${bin}/initdb`, initdb),
    program(`${base}/bin/locale`, locale),
    program(`${modulesFolder}/redoubt_walredo.so`, native.module),
    ...modules,
    ...libraryEntries,
    ...ownLibraryLinks(server, base, libraries),
    ...(await takeFolder(
      root,
      server.share.from,
      `${base}/${server.share.to}`,
      (path) => path === 'man' || isOfLeftOutLanguage(path),
    )),
    ...(await takeFolder(root, '/usr/lib/locale', localesIn(base))),
    // The cache is made when libc is installed, and is not looked at when GCONV_PATH is set.
    ...(await takeFolder(
      root,
      '/usr/lib/x86_64-linux-gnu/gconv',
      `${base}/gconv`,
      (path) => path === 'gconv-modules.cache',
    )),
    ...(server.zones === undefined ? [] : await takeFolder(root, server.zones, zonesIn(base))),
  ];
  return {
    entries,
    libraries,
    taken: [
      ...programs,
      ...modulePaths,
      ...libraries.values(),
      server.share.from,
      '/usr/lib/locale',
      ...(server.zones === undefined ? [] : [server.zones]),
    ],
  };
}

/**
 * The modules of a server that brings libraries along have a DT_RUNPATH to the folder above them, which keeps the loader
 * from looking anywhere else. What lies there in the installation is there in the bundle, too.
 */
function ownLibraryLinks(
  { modules, ownLibraries }: ServerFiles,
  base: string,
  libraries: ReadonlyMap<string, string>,
): readonly TreeEntry[] {
  if (ownLibraries === undefined) return [];
  const folder = posix.dirname(`${base}/${modules.to}`);
  return [...libraries]
    .filter(([, path]) => path.startsWith(`${ownLibraries}/`))
    .map(([name]) => ({
      kind: 'symlink',
      path: `${folder}/${name}`,
      target: posix.relative(folder, `${base}/lib/${name}`),
    }));
}

/** As long as /usr/lib/locale, which `locale -a` has compiled in (LOCPATH does not reach it). */
function localesIn(base: string): string {
  return `${base}/lc`;
}

/** As long as /usr/share/zoneinfo, which Debian's server and initdb have compiled in. */
function zonesIn(base: string): string {
  return `${base}/tzdata`;
}

function zoneRelocation({ zones }: ServerFiles, base: string): Relocation | undefined {
  return zones === undefined ? undefined : { from: zones, to: `/${zonesIn(base)}` };
}

interface Relocation {
  readonly from: string;
  readonly to: string;
}

async function patchProgram(
  { major, root, host, workDirectory }: MajorTreeOptions,
  path: string,
  relocation: Relocation | undefined,
): Promise<string> {
  const base = majorDirectory(major);
  const name = basename(path);
  await mkdir(workDirectory, { recursive: true });
  const original = await readFile(join(root, path));
  const bytes =
    relocation === undefined ? original : relocate(original, relocation.from, relocation.to, path);
  await writeFile(join(workDirectory, name), bytes, { mode: 0o755 });
  await runBuildTool(host, workDirectory, [
    '/usr/bin/patchelf',
    '--set-interpreter',
    `/${base}/lib/ld-linux-x86-64.so.2`,
    '--force-rpath',
    '--set-rpath',
    `/${base}/lib`,
    name,
  ]);
  return join(workDirectory, name);
}

function program(path: string, source: string): TreeEntry {
  return { kind: 'file', path, source: { kind: 'path', path: source }, executable: true };
}
