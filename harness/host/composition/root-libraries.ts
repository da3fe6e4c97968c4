import { readFile, stat } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';

import { readElfDynamic, readElfTags } from '../elf/elf-dynamic.ts';
import { isElf, readElfImage } from '../elf/elf-image.ts';
import { bufferSource } from '../elf/elf-source.ts';
import { readElfSymbols, readVersionPlaces } from '../elf/elf-symbols.ts';
import { readDefinedVersions } from '../elf/elf-versions.ts';
import { resolveInRoot } from '../resolve-in-root.ts';
import type { OfferedSymbols } from './adapted-library.ts';
import { libraryDirectories } from './icu-place.ts';

/** Where a root has a library: its real path inside the root. */
export async function findLibrary(
  root: string,
  name: string,
  first: readonly string[] = [],
): Promise<string | undefined> {
  for (const directory of [...first, ...libraryDirectories]) {
    const path = await resolveInRoot(root, posix.join(directory, name));
    if (
      await stat(join(root, path)).then(
        (found) => found.isFile(),
        () => false,
      )
    )
      return path;
  }
  return undefined;
}

/** What libraries of a root offer to others; a name that it does not have is left out. */
export async function offeredSymbols(
  root: string,
  names: readonly string[],
  first: readonly string[] = [],
): Promise<OfferedSymbols> {
  const versions = new Map<string, ReadonlySet<string>>();
  const defaults = new Set<string>();
  for (const name of names) {
    const path = await findLibrary(root, name, first);
    if (path === undefined) continue;
    const bytes = await readFile(join(root, path));
    for (const symbol of readElfSymbols(bufferSource(bytes)))
      if (symbol.isDefined && symbol.isDefault) defaults.add(symbol.name);
    versions.set(name, versionsOf(bytes));
  }
  return { versions, defaults };
}

/** What programs of a root cannot be started without, and the root does not have: in words, each once. */
export async function unmetNeeds(
  root: string,
  programs: readonly string[],
  ownDirectories: readonly string[],
): Promise<readonly string[]> {
  const unmet = new Set<string>();
  const known = new Map<string, ReadonlySet<string> | undefined>();
  const waiting = [...programs];
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    const bytes = await readFile(join(root, path));
    if (!isElf(bytes)) continue;
    for (const name of readElfDynamic(bytes).needed) {
      if (known.has(name)) continue;
      const library = await findLibrary(root, name, ownDirectories);
      if (library === undefined) unmet.add(`${basename(path)} needs ${name}`);
      else waiting.push(library);
      known.set(name, library === undefined ? undefined : versionsOf(await readFile(join(root, library))));
    }
    for (const { library, version, isRequired } of neededVersions(bytes)) {
      const versions = known.get(library);
      if (isRequired && versions?.has(version) === false)
        unmet.add(`${basename(path)} needs ${version} of ${library}`);
    }
  }
  // What is asked of first comes first: the programs themselves, then what they are linked against.
  return [...unmet];
}

function neededVersions(
  bytes: Buffer,
): readonly { readonly library: string; readonly version: string; readonly isRequired: boolean }[] {
  return readVersionPlaces(bufferSource(bytes)).map(({ library, version, flagsOffsetBytes }) => ({
    library,
    version,
    isRequired: (bytes.readUInt16LE(flagsOffsetBytes) & 2) === 0,
  }));
}

function versionsOf(bytes: Buffer): ReadonlySet<string> {
  const image = readElfImage(bufferSource(bytes));
  return new Set(readDefinedVersions(image, readElfTags(image)));
}
