import { posix } from 'node:path';

import type { ElfFacts } from '../../host/elf/elf-facts.ts';
import type { FileTree } from './file-tree.ts';
import { resolveFile } from './resolve-path.ts';

/** In which trees and folders a dynamic loader looks for libraries. */
export interface LoaderSetting {
  /** The tree of the programs themselves, by the paths that they see: a bundle's own root, or its mount in a host. */
  readonly tree: FileTree;
  /** `LD_LIBRARY_PATH` of the process. */
  readonly libraryPath: readonly string[];
  /** Where the loader looks when nothing else tells, `ld.so.conf` included, in its order. */
  readonly defaultFolders: readonly string[];
  /** Whether `/proc` tells a program its own place, which `$ORIGIN` in a program stands for. */
  readonly hasProc: boolean;
}

/** One object of a process. */
export interface LoadedObject {
  readonly path: string;
  readonly facts: ElfFacts;
  /** The object that asked for it; undefined for the program. */
  readonly loader: LoadedObject | undefined;
}

/** A library that the loader would not find. */
export interface MissingLibrary {
  readonly library: string;
  readonly neededBy: string;
  readonly searched: readonly string[];
  /** `$ORIGIN` stood in the way: it is unknown in a root without `/proc`. */
  readonly needsProc: boolean;
}

/** A version of symbols that the library that was found does not define. */
export interface MissingVersion {
  readonly version: string;
  readonly library: string;
  readonly path: string;
  readonly neededBy: string;
}

/** What becomes of a program and all that it needs, when the loader puts it together. */
export interface LoadedProcess {
  readonly program: LoadedObject;
  readonly objects: readonly LoadedObject[];
  readonly missing: readonly MissingLibrary[];
  readonly missingVersions: readonly MissingVersion[];
}

/**
 * Puts a program and its libraries together as glibc's loader does (ld.so(8)): breadth first; a library that is there
 * already under the name serves everyone; else DT_RPATH of the one who asks and of those who asked for it, then
 * LD_LIBRARY_PATH, DT_RUNPATH, the default folders. Nothing is executed.
 */
export function loadProgram(setting: LoaderSetting, path: string, facts: ElfFacts): LoadedProcess {
  return load(setting, { path, facts, loader: undefined }, []);
}

/** The same of a library that a process opens by its path (`dlopen`): what it adds to the process. */
export function loadModule(
  setting: LoaderSetting,
  process: LoadedProcess,
  path: string,
  facts: ElfFacts,
): LoadedProcess {
  return load(setting, { path, facts, loader: process.program }, process.objects);
}

function load(
  setting: LoaderSetting,
  program: LoadedObject,
  present: readonly LoadedObject[],
): LoadedProcess {
  const byName = new Map<string, LoadedObject>();
  const byPath = new Map<string, LoadedObject>();
  const add = (object: LoadedObject, name?: string): void => {
    byPath.set(object.path, object);
    for (const known of [name, object.facts.soname]) if (known !== undefined) byName.set(known, object);
  };
  for (const object of present) add(object, posix.basename(object.path));
  add(program);
  const objects = [program];
  const missing: MissingLibrary[] = [];
  for (const object of objects) {
    for (const library of object.facts.needed) {
      if (byName.has(library)) continue;
      const found = findLibrary(setting, object, library);
      if (found.kind === 'missing') {
        missing.push({
          library,
          neededBy: object.path,
          searched: found.searched,
          needsProc: found.needsProc,
        });
        continue;
      }
      const same = byPath.get(found.path);
      if (same !== undefined) {
        byName.set(library, same);
        continue;
      }
      const next = { path: found.path, facts: found.facts, loader: object };
      add(next, library);
      objects.push(next);
    }
  }
  return { program, objects, missing, missingVersions: missingVersions(objects, byName) };
}

type Found =
  | { readonly kind: 'found'; readonly path: string; readonly facts: ElfFacts }
  | { readonly kind: 'missing'; readonly searched: readonly string[]; readonly needsProc: boolean };

function findLibrary(setting: LoaderSetting, asker: LoadedObject, library: string): Found {
  if (library.includes('/')) {
    const facts = libraryAt(setting.tree, library);
    return facts === undefined
      ? { kind: 'missing', searched: [library], needsProc: false }
      : { kind: 'found', ...facts };
  }
  const { folders, needsProc } = searchedFolders(setting, asker);
  for (const folder of folders) {
    const found = libraryAt(setting.tree, posix.join(folder, library));
    if (found !== undefined) return { kind: 'found', ...found };
  }
  return { kind: 'missing', searched: folders, needsProc };
}

/** A file of another machine in the way is passed over, as the loader does; so is one that is damaged. */
function libraryAt(
  tree: FileTree,
  path: string,
): { readonly path: string; readonly facts: ElfFacts } | undefined {
  const real = resolveFile(tree, path);
  if (real === undefined) return undefined;
  const content = tree.content(real);
  return content.kind === 'elf' && content.elf.kind === 'native'
    ? { path: real, facts: content.elf.facts }
    : undefined;
}

function searchedFolders(
  setting: LoaderSetting,
  asker: LoadedObject,
): { readonly folders: readonly string[]; readonly needsProc: boolean } {
  const folders: string[] = [];
  let needsProc = false;
  const add = (object: LoadedObject, path: string | undefined): void => {
    for (const part of path?.split(':') ?? []) {
      const usesOrigin = /\$(ORIGIN|\{ORIGIN\})/.test(part);
      // Of a library its own path tells; of the program only /proc does.
      if (usesOrigin && object.loader === undefined && !setting.hasProc) needsProc = true;
      else if (part !== '') folders.push(expand(part, object.path));
    }
  };
  if (asker.facts.runpath === undefined) {
    for (let object: LoadedObject | undefined = asker; object !== undefined; object = object.loader)
      if (object.facts.runpath === undefined) add(object, object.facts.rpath);
  }
  folders.push(...setting.libraryPath.filter((part) => part !== ''));
  add(asker, asker.facts.runpath);
  folders.push(...setting.defaultFolders);
  return { folders: [...new Set(folders)], needsProc };
}

function expand(part: string, path: string): string {
  return posix.normalize(
    part
      .replaceAll(/\$(ORIGIN|\{ORIGIN\})/g, () => posix.dirname(path))
      .replaceAll(/\$(LIB|\{LIB\})/g, 'lib/x86_64-linux-gnu')
      .replaceAll(/\$(PLATFORM|\{PLATFORM\})/g, 'x86_64'),
  );
}

function missingVersions(
  objects: readonly LoadedObject[],
  byName: ReadonlyMap<string, LoadedObject>,
): readonly MissingVersion[] {
  return objects.flatMap(({ path: neededBy, facts }) =>
    facts.neededVersions.flatMap(({ library, version, isWeak }) => {
      const provider = byName.get(library);
      // One that is missing is said to be so already; one without versions at all serves any (ld.so: "no version information").
      if (isWeak || provider === undefined || provider.facts.definedVersions.length === 0) return [];
      return provider.facts.definedVersions.includes(version)
        ? []
        : [{ version, library, path: provider.path, neededBy }];
    }),
  );
}
