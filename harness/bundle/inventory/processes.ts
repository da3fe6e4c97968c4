import { posix } from 'node:path';

import { bundleMountPoint, versionWord } from '../launch.ts';
import { type BundleInventory, type ElfAt, isOfMajor } from './bundle-inventory.ts';
import type { FileTree } from './file-tree.ts';
import {
  type LoadedObject,
  type LoadedProcess,
  type LoaderSetting,
  loadModule,
  loadProgram,
} from './library-search.ts';
import { MountedTree } from './mounted-tree.ts';
import { resolveFile, resolveFolder } from './resolve-path.ts';

/** How the programs of one major and the libraries that they may open would be put together. */
export interface MajorProcesses {
  /** What the programs see: the bundle as its own root, or mounted in the host's. */
  readonly tree: FileTree;
  /** Where the bundle lies in it: empty when it is the root. */
  readonly prefix: string;
  readonly processes: readonly LoadedProcess[];
  /** Libraries that no program names; each as the server would open it. */
  readonly modules: readonly LoadedProcess[];
  readonly interpreters: readonly {
    readonly program: string;
    readonly interpreter: string;
    readonly isThere: boolean;
  }[];
  /** Programs that find libraries only if LAUNCHER says where, and where those are. */
  readonly leftToLauncher: readonly { readonly program: string; readonly folders: readonly string[] }[];
}

/** Puts together every program and library of a major; `host` is the root that a `pg-install` bundle leans on. */
export function majorProcesses(inventory: BundleInventory, major: number, host?: FileTree): MajorProcesses {
  const isAlone = inventory.layout === 'chroot' || host === undefined;
  const prefix = isAlone ? '' : bundleMountPoint;
  const tree = isAlone ? inventory.tree : new MountedTree(host, inventory.tree, bundleMountPoint);
  const libraryPath =
    inventory.layout === 'pg-install' ? [`${bundleMountPoint}/${versionWord(major)}/lib`] : [];
  const own = inventory.elves.filter(({ path }) => isOfMajor(inventory, major, path));
  const programs = own.filter(({ elf }) => elf.kind === 'native' && elf.facts.linkage === 'dynamic');
  const processes: LoadedProcess[] = [];
  const interpreters: { program: string; interpreter: string; isThere: boolean }[] = [];
  const leftToLauncher: { program: string; folders: readonly string[] }[] = [];
  for (const { path, elf } of programs) {
    if (elf.kind === 'foreign') continue;
    const program = prefix + path;
    const { interpreter = '' } = elf.facts;
    const loader = resolveFile(tree, interpreter);
    interpreters.push({ program, interpreter, isThere: loader !== undefined });
    const setting = {
      tree,
      libraryPath: isAlone ? [] : libraryPath,
      defaultFolders: defaultFolders(tree, loader),
      hasProc: !isAlone,
    };
    const strict = loadProgram(setting, program, elf.facts);
    const lenient = isAlone ? withSearchPath(setting, strict, own) : undefined;
    if (lenient !== undefined) leftToLauncher.push({ program, folders: lenient.folders });
    processes.push(lenient?.process ?? strict);
  }
  return {
    tree,
    prefix,
    processes,
    interpreters,
    leftToLauncher,
    modules: openModules({ inventory, major, tree, prefix, own, processes, libraryPath, leftToLauncher }),
  };
}

/**
 * What a program lacks may lie where LAUNCHER's LD_LIBRARY_PATH leads; what LAUNCHER sets, files do not tell. Undefined
 * when nothing is missing, or when the bundle does not have it anywhere.
 */
function withSearchPath(
  setting: LoaderSetting,
  strict: LoadedProcess,
  own: readonly ElfAt[],
): { readonly process: LoadedProcess; readonly folders: readonly string[] } | undefined {
  const folders: string[] = [];
  for (let process = strict; ;) {
    const [next] = process.missing;
    if (next === undefined) return folders.length === 0 ? undefined : { process, folders };
    const holder = own.find(({ path }) => posix.basename(path) === next.library)?.path;
    const folder = holder === undefined ? undefined : posix.dirname(holder);
    if (folder === undefined || folders.includes(folder)) return undefined;
    folders.push(folder);
    process = loadProgram({ ...setting, libraryPath: folders }, strict.program.path, strict.program.facts);
  }
}

interface ModuleSearch {
  readonly inventory: BundleInventory;
  readonly major: number;
  readonly tree: FileTree;
  readonly prefix: string;
  readonly own: readonly ElfAt[];
  readonly processes: readonly LoadedProcess[];
  readonly libraryPath: readonly string[];
  readonly leftToLauncher: MajorProcesses['leftToLauncher'];
}

function openModules(search: ModuleSearch): readonly LoadedProcess[] {
  const { inventory, major, tree, prefix, own, processes } = search;
  const serverPath = inventory.servers.get(major)?.path;
  const server = processes.find(({ program }) => program.path === prefix + String(serverPath));
  if (server === undefined) return [];
  const loaded = new Set(processes.flatMap(({ objects }) => objects.map(({ path }) => path)));
  const setting: LoaderSetting = {
    tree,
    libraryPath:
      search.leftToLauncher.find(({ program }) => program === server.program.path)?.folders ??
      (prefix === '' ? [] : search.libraryPath),
    defaultFolders: defaultFolders(tree, resolveFile(tree, server.program.facts.interpreter ?? '')),
    hasProc: prefix !== '',
  };
  const modules = own.flatMap(({ path, elf }) =>
    elf.kind === 'foreign' || elf.facts.linkage !== 'library' || loaded.has(prefix + path)
      ? []
      : [loadModule(setting, server, prefix + path, elf.facts)],
  );
  const libc = server.objects.find(({ facts }) => facts.soname === 'libc.so.6');
  if (libc === undefined) return modules;
  // Not named in its dynamic section, and opened all the same.
  const asking = { ...libc.facts, needed: openedByLibc(tree, libc) };
  return [...modules, loadModule(setting, server, libc.path, asking)];
}

/** From here on what looks up accounts in files is inside libc. */
const firstWithFilesInside = 2.34;

/** What glibc opens by name: one library to unwind a stack or to cancel a thread, and those of nsswitch.conf. */
function openedByLibc(tree: FileTree, { path }: LoadedObject): readonly string[] {
  const content = tree.content(path);
  const { namesLibraries = [], libc } = content.kind === 'elf' ? content.traits : {};
  const unwinding = namesLibraries.filter((name) => name === 'libgcc_s.so.1');
  if (libc === undefined || Number(libc.version) >= firstWithFilesInside) return unwinding;
  const configuration = tree.content(resolveFile(tree, '/etc/nsswitch.conf') ?? '/');
  const text = configuration.kind === 'text' ? configuration.text : 'passwd: files\ngroup: files\n';
  const lines = [...text.matchAll(/^(?:passwd|group):(.*)$/gm)].map(([, services = '']) => services);
  const services = lines.flatMap((line) => line.replaceAll(/\[[^\]]*\]/g, ' ').split(/\s+/)).filter(Boolean);
  return [...unwinding, ...new Set(services.map((name) => `libnss_${name}.so.2`))];
}

/** Folders of `ld.so.conf`, which `ld.so.cache` is made of, where there is such a cache; then those inside the loader. */
function defaultFolders(tree: FileTree, loader: string | undefined): readonly string[] {
  const content = loader === undefined ? undefined : tree.content(loader);
  const inside = content?.kind === 'elf' ? content.traits.loaderFolders : [];
  const hasCache = resolveFile(tree, '/etc/ld.so.cache') !== undefined;
  return [...(hasCache ? configuredFolders(tree) : []), ...inside.map((folder) => posix.normalize(folder))];
}

function configuredFolders(tree: FileTree): readonly string[] {
  const more = resolveFolder(tree, '/etc/ld.so.conf.d');
  const entry = more === undefined ? undefined : tree.entry(more);
  const names = entry?.kind === 'directory' ? entry.names.filter((name) => name.endsWith('.conf')) : [];
  return ['/etc/ld.so.conf', ...names.map((name) => `${more ?? ''}/${name}`)].flatMap((path) => {
    const content = tree.content(resolveFile(tree, path) ?? path);
    const lines = content.kind === 'text' ? content.text.split('\n') : [];
    return lines.map((line) => line.replace(/#.*/, '').trim()).filter((line) => line.startsWith('/'));
  });
}
