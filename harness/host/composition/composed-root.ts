import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';

import { runTool } from '../machine/machine-tool.ts';
import { npmServerDirectory } from '../npm/npm-server-root.ts';
import { packageOwners } from '../debian/package-owners.ts';
import type { Progress } from '../progress.ts';
import { removeTree } from '../remove-tree.ts';
import { resolveInRoot } from '../resolve-in-root.ts';
import type { BroughtLibrary } from './brought-library.ts';
import { cannotCompose } from './cannot-compose.ts';
import { CompositionTools, shimSource } from './composition-tools.ts';
import { icuIn, icuLibraries, icuOfRoot, type IcuPlace } from './icu-place.ts';
import { putIcuDataIntoRoot } from './icu-data-into-root.ts';
import { type IcuSource, putIcuIntoRoot } from './icu-into-root.ts';
import { libcDirectory, putLibcIntoRoot, putLocalesIntoRoot } from './libc-into-root.ts';
import type { PartRoot } from './part-root.ts';
import { findLibrary, unmetNeeds } from './root-libraries.ts';
import { sharing } from './shared-files.ts';

/** What a composed root is made of. */
export interface CompositionSources {
  /** As it is written: `pg=npm:17.10,libc=debian:12,icu=debian:13`. */
  readonly words: string;
  readonly major: number;
  readonly server: ServerSource;
  /** Undefined where it is the server's own. */
  readonly libc: PartRoot | undefined;
  /** Undefined where they are libc's own. */
  readonly locales: PartRoot | undefined;
  readonly icu: PartRoot | undefined;
  /** Undefined where it is libicu's own. */
  readonly icudata: PartRoot | undefined;
}

/**
 * `root`: the root of a distribution's server, with its programs in a directory of it. `layered`: an installation that finds libc
 * in whatever root it is laid.
 */
export type ServerSource =
  | { readonly kind: 'root'; readonly root: PartRoot; readonly programs: string }
  | {
      readonly kind: 'layered';
      readonly name: string;
      readonly base: PartRoot;
      readonly key: string;
      readonly lay: (base: string, target: string) => Promise<void>;
    };

/** What a composed root says of itself: which part of it is whose. */
export interface RootComposition {
  readonly words: string;
  readonly major: number;
  /** The names of the roots that the parts come from. */
  readonly parts: {
    readonly pg: string;
    readonly libc: string;
    readonly locales: string;
    readonly icu: string;
    readonly icudata: string;
  };
  /** Where the server's libicu is. */
  readonly icu: IcuPlace;
  readonly libraries: readonly BroughtLibrary[];
}

/** Raised whenever roots are put together differently from the same parts. */
const compositionVersion = 3;

/** The digest of a composition's parts: their packages and, byte for byte, the libraries that are exchanged. */
export async function compositionKey(sources: CompositionSources): Promise<string> {
  const { words, server, libc, locales, icu, icudata } = sources;
  const base = baseOf(sources);
  const digest = createHash('sha256').update(
    JSON.stringify([
      compositionVersion,
      words,
      server.kind === 'root' ? server.root.key : server.key,
      [base, libc, locales, icu, icudata].map((part) => part && [part.key, part.packages, part.tree ?? null]),
    ]),
  );
  digest.update(await readFile(shimSource));
  if (libc !== undefined) digest.update(await readFile(await libcFile(libc, words)));
  for (const part of [icu, icudata])
    if (part !== undefined)
      for (const path of await icuFiles(part, words)) digest.update(await readFile(path));
  return digest.digest('hex').slice(0, 12);
}

/** The root that all else is laid on: nothing of a bundle but its libraries is of use. */
export function baseOf({ server, libc }: Pick<CompositionSources, 'server' | 'libc'>): PartRoot {
  if (server.kind === 'root') return server.root;
  return libc === undefined || libc.tree !== undefined ? server.base : libc;
}

/**
 * Makes a root in `partial/root`: one server with the libc and locales of one root and the libicu of another. `build` is a
 * root with a compiler. Throws `cannot-compose` (usage) with the symbol or library for want of which the parts do not fit.
 */
export async function composeRoot(
  sources: CompositionSources,
  build: PartRoot,
  partial: string,
  progress: Progress,
): Promise<RootComposition> {
  const { words, major, server, libc, locales, icu, icudata } = sources;
  const root = join(partial, 'root');
  const base = baseOf(sources);
  progress(
    `root ${words}`,
    `laying ${server.kind === 'root' ? server.root.name : server.name} on ${base.name}`,
  );
  if (server.kind === 'layered') await server.lay(base.path, root);
  else await copyRoot(base.path, root, words);
  if (libc !== undefined && base !== libc) {
    await putLibcIntoRoot(root, libc, build.path, words);
    await putLocalesIntoRoot(root, libc, words);
  }
  if (locales !== undefined) await putLocalesIntoRoot(root, locales, words);
  const own = await icuOfRoot(root);
  if (own === undefined) throw cannotCompose(words, `the server of ${nameOf(server)} has no libicu`);
  const place = icu === undefined ? own : { ...own, major: (await icuOf(icu, words)).major };
  const work = join(partial, 'work');
  await mkdir(work);
  const tools = new CompositionTools(build.path, root, work);
  const libraries = [
    ...(icu === undefined ? [] : await bringIcu(sources, icu, own, { root, tools, progress })),
    ...(icudata === undefined
      ? []
      : [await bringIcuData(sources, icudata, place, { root, tools, progress })]),
  ];
  await removeTree(work);
  await requireMet(sources, root, own);
  const libcName = libc?.name ?? (server.kind === 'root' ? server.root.name : server.base.name);
  return {
    words,
    major,
    parts: {
      pg: nameOf(server),
      libc: libcName,
      locales: locales?.name ?? libcName,
      icu: icu?.name ?? nameOf(server),
      icudata: icudata?.name ?? icu?.name ?? nameOf(server),
    },
    icu: place,
    libraries,
  };
}

/** Where libraries are put. */
interface Making {
  readonly root: string;
  readonly tools: CompositionTools;
  readonly progress: Progress;
}

async function bringIcu(
  sources: CompositionSources,
  icu: PartRoot,
  own: IcuPlace,
  { root, tools, progress }: Making,
): Promise<readonly BroughtLibrary[]> {
  const { words } = sources;
  progress(`root ${words}`, `libicu of ${icu.name}`);
  return putIcuIntoRoot({
    words,
    root,
    own,
    serverDirectories: serverDirectories(sources),
    source: await icuSource(icu, words),
    tools,
  });
}

async function bringIcuData(
  { words }: CompositionSources,
  icudata: PartRoot,
  place: IcuPlace,
  { root, tools, progress }: Making,
): Promise<BroughtLibrary> {
  progress(`root ${words}`, `libicu's data of ${icudata.name}`);
  return putIcuDataIntoRoot({
    words,
    root,
    place,
    source: await icuSource(icudata, words),
    tools,
  });
}

/** Programs that ask for what is not there would end with the loader's words, or in the middle of their work. */
async function requireMet(sources: CompositionSources, root: string, own: IcuPlace): Promise<void> {
  const { words, server } = sources;
  const programs = await Promise.all(
    ['postgres', 'initdb'].map((name) => resolveInRoot(root, posix.join(programsOf(sources), name))),
  );
  const unmet = await unmetNeeds(root, programs, [own.directory]);
  if (unmet.length === 0) return;
  throw cannotCompose(
    words,
    `the server of ${nameOf(server)} does not run there: ${unmet.slice(0, 3).join('; ')}${unmet.length > 3 ? `, and ${String(unmet.length - 3)} more` : ''}`,
    { unmet },
  );
}

/** Beside the programs lie the server's libraries and modules. */
function serverDirectories(sources: CompositionSources): readonly string[] {
  const programs = programsOf(sources);
  return [programs, ...['../lib', '../lib/postgresql'].map((name) => posix.join(programs, name))];
}

function programsOf({ server, major }: CompositionSources): string {
  return server.kind === 'root' ? server.programs : posix.join(npmServerDirectory(major), 'bin');
}

function nameOf(server: ServerSource): string {
  return server.kind === 'root' ? server.root.name : server.name;
}

async function icuSource(part: PartRoot, words: string): Promise<IcuSource> {
  const { name, path, packages, suite } = part;
  return {
    name,
    path,
    icu: await icuOf(part, words),
    ownerOf: async (file) => {
      const owner = (await packageOwners(path, [`/${file}`])).get(`/${file}`)?.[0];
      return owner === undefined ? null : { name: owner, version: packages[owner] ?? 'unknown', suite };
    },
  };
}

async function icuOf({ name, path, tree }: PartRoot, words: string): Promise<IcuPlace> {
  const place = tree === undefined ? await icuOfRoot(path) : await icuIn(path, tree.libraries);
  if (place === undefined) throw cannotCompose(words, `${name} has no libicu`);
  return place;
}

async function icuFiles(part: PartRoot, words: string): Promise<readonly string[]> {
  const { directory, major } = await icuOf(part, words);
  const files: string[] = [];
  for (const name of icuLibraries) {
    const path = await findLibrary(part.path, `lib${name}.so.${String(major)}`, [directory]);
    if (path === undefined) throw cannotCompose(words, `${part.name} has no lib${name}.so.${String(major)}`);
    files.push(join(part.path, path));
  }
  return files;
}

async function libcFile(part: PartRoot, words: string): Promise<string> {
  const { path } = part;
  return join(path, await resolveInRoot(path, posix.join(await libcDirectory(part, words), 'libc.so.6')));
}

async function copyRoot(source: string, target: string, words: string): Promise<void> {
  await runTool(`cannot put together ${words}`, ['cp', '--archive', ...sharing(source), source, target]);
}
