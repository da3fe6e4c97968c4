import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';

import { resolveInRoot } from '../resolve-in-root.ts';
import { isElf } from '../elf/elf-image.ts';
import { readElfDynamic } from '../elf/elf-dynamic.ts';
import { bufferSource } from '../elf/elf-source.ts';
import { readElfSymbols } from '../elf/elf-symbols.ts';
import { adaptLibrary } from './adapted-library.ts';
import { cannotCompose } from './cannot-compose.ts';
import { type BroughtLibrary, generatedLibrary } from './brought-library.ts';
import { forwardedName, forwardingSource, isForwardable, isOfIcu } from './forwarding-source.ts';
import { icuLibraries, type IcuPlace } from './icu-place.ts';
import { findLibrary, offeredSymbols } from './root-libraries.ts';
import { shareFile } from './shared-files.ts';
import { type CompositionTools, shimFunctions, shimName } from './composition-tools.ts';

/** A root whose libicu is taken. */
export interface IcuSource {
  readonly name: string;
  readonly path: string;
  readonly icu: IcuPlace;
  /** The package of a path inside of it. */
  readonly ownerOf: (path: string) => Promise<BroughtLibrary['package']>;
}

export interface IcuChange {
  readonly words: string;
  /** The root that is being made. */
  readonly root: string;
  /** The libicu that the server is linked against, in that root. */
  readonly own: IcuPlace;
  /** Where the server's programs and modules lie, inside the root. */
  readonly serverDirectories: readonly string[];
  readonly source: IcuSource;
  readonly tools: CompositionTools;
}

/** Beside those of libicu itself, what its C++ code needs; taken along where the root has none. */
const companions: readonly string[] = ['libstdc++.so.6', 'libgcc_s.so.1'];

/** Whose versions may be too old for a libicu from elsewhere. */
const below: readonly string[] = [
  ...companions,
  'libc.so.6',
  'libm.so.6',
  'libdl.so.2',
  'libpthread.so.0',
  'ld-linux-x86-64.so.2',
];

/**
 * Puts another root's libicu in the place of the server's own. Where their majors differ, libraries under the old names
 * forward each function that the server, its modules and other libraries ask for. Throws `cannot-compose` naming what the
 * other libicu lacks, or what it needs that the root's libc lacks.
 */
export async function putIcuIntoRoot(change: IcuChange): Promise<readonly BroughtLibrary[]> {
  const { root, own, source, tools } = change;
  const to = source.icu.major;
  const wanted = own.major === to ? [] : await forwardedSymbols(change);
  await removeIcu(root, own);
  const brought = [...(await bringLibraries(change))];
  if (wanted.length === 0) return brought;
  const libraries = icuLibraries.map((name) => `lib${name}.so.${String(to)}`);
  for (const name of icuLibraries.slice(1)) {
    const file = `lib${name}.so.${String(own.major)}`;
    await tools.forwarder(
      join(root, own.directory),
      file,
      forwardingSource(wanted, own.major, to),
      libraries,
    );
    brought.push(generatedLibrary(posix.join(own.directory, file)));
  }
  return brought;
}

/** What the libraries of a bundle that was put together got before, and need again. */
async function earlierShims({ path, icu }: IcuSource): Promise<readonly string[]> {
  const { defaults } = await offeredSymbols(path, [shimName], [icu.directory]);
  return shimFunctions.filter((name) => defaults.has(name));
}

/** The functions of its libicu that the server and what it loads ask for. */
async function forwardedSymbols(change: IcuChange): Promise<readonly string[]> {
  const { root, own, source, words } = change;
  const offered = await offeredSymbols(
    source.path,
    icuLibraries.slice(1).map((name) => `lib${name}.so.${String(source.icu.major)}`),
    [source.icu.directory],
  );
  const asked = new Map<string, string>();
  const data = new Set<string>();
  for (const path of await usersOfIcu(change)) {
    for (const symbol of readElfSymbols(bufferSource(await readFile(join(root, path))))) {
      if (symbol.isDefined || symbol.isWeak || !isOfIcu(symbol.name, own.major)) continue;
      asked.set(symbol.name, path);
      if (symbol.kind === 'data') data.add(symbol.name);
    }
  }
  const names = [...asked.keys()].toSorted();
  const unforwardable = names.filter((name) => !isForwardable(name, own.major) || data.has(name));
  if (unforwardable.length > 0)
    throw cannotCompose(
      words,
      `${asked.get(unforwardable[0] ?? '') ?? ''} asks ICU ${String(own.major)} for ${unforwardable.slice(0, 3).join(', ')}, which is no plain function of C`,
      { symbols: unforwardable },
    );
  const lacking = names.filter(
    (name) => !offered.defaults.has(forwardedName(name, own.major, source.icu.major)),
  );
  if (lacking.length > 0)
    throw cannotCompose(
      words,
      `ICU ${String(source.icu.major)} of ${source.name} lacks ${lacking.slice(0, 3).join(', ')}${lacking.length > 3 ? ` and ${String(lacking.length - 3)} more` : ''}, which ${asked.get(lacking[0] ?? '') ?? ''} calls`,
      { symbols: lacking },
    );
  return names;
}

async function usersOfIcu({ root, own, serverDirectories }: IcuChange): Promise<readonly string[]> {
  const users: string[] = [];
  for (const directory of new Set([...serverDirectories, own.directory])) {
    const inside = await resolveInRoot(root, directory);
    for (const entry of await readdir(join(root, inside), { withFileTypes: true }).catch(() => [])) {
      // libicu's other parts speak C++ with each other, and no server asks them.
      if (!entry.isFile() || entry.name.startsWith('libicu')) continue;
      const path = posix.join(inside, entry.name);
      const bytes = await readFile(join(root, path));
      if (isElf(bytes) && readElfDynamic(bytes).needed.some((name) => name.startsWith('libicu')))
        users.push(path);
    }
  }
  return users;
}

async function removeIcu(root: string, { directory }: IcuPlace): Promise<void> {
  const inside = await resolveInRoot(root, directory);
  for (const name of await readdir(join(root, inside)))
    if (/^libicu\w+\.so/.test(name)) await rm(join(root, inside, name));
}

async function bringLibraries(change: IcuChange): Promise<readonly BroughtLibrary[]> {
  const { words, root, own, source, tools } = change;
  const target = join(root, await resolveInRoot(root, own.directory));
  const missing: string[] = [];
  for (const name of companions) if ((await findLibrary(root, name)) === undefined) missing.push(name);
  const names = [...missing, ...icuLibraries.map((name) => `lib${name}.so.${String(source.icu.major)}`)];
  const offered = await offeredSymbols(root, below);
  const brought: BroughtLibrary[] = [];
  const shims = new Set<string>();
  const earlier = await earlierShims(source);
  for (const name of names) {
    const from = await findLibrary(source.path, name, [source.icu.directory]);
    if (from === undefined) throw cannotCompose(words, `${source.name} has no ${name}`);
    const original = await readFile(join(source.path, from));
    const adapted = adaptLibrary(original, offered);
    const { bytes, rebound, missingLibraries } = adapted;
    const hadShim = readElfDynamic(original).needed.includes(shimName);
    const lacking = [...new Set([...adapted.lacking, ...(hadShim ? earlier : [])])];
    const unknown = lacking.filter((symbol) => !shimFunctions.includes(symbol));
    const absent = missingLibraries.filter((library) => !names.includes(library));
    if (unknown.length + absent.length > 0)
      throw cannotCompose(
        words,
        `${name} of ${source.name} needs ${[...unknown, ...absent].join(', ')}, which the libraries of its libc's root do not have`,
        { library: name, lacking: [...unknown, ...absent] },
      );
    for (const symbol of lacking) shims.add(symbol);
    const path = join(target, name);
    if (rebound.length + lacking.length === 0) await shareFile(join(source.path, from), path);
    else await writeFile(path, bytes, { mode: 0o644 });
    brought.push({
      path: posix.join(own.directory, name),
      from: source.name,
      file: posix.basename(from),
      package: await source.ownerOf(from),
      rebound,
      shimmed: lacking,
    });
  }
  const adapted = brought.filter(({ rebound, shimmed }) => rebound.length + shimmed.length > 0);
  if (adapted.length === 0) return brought;
  await tools.shim(target, [...shims]);
  for (const { path } of adapted) await tools.addShim(target, posix.basename(path));
  return [...brought, generatedLibrary(posix.join(own.directory, shimName))];
}
