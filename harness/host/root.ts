import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, posix } from 'node:path';

import { RedoubtError } from '../error.ts';
import { publish } from './cache.ts';
import {
  baseOf,
  composeRoot,
  compositionKey,
  type CompositionSources,
  type RootComposition,
  type ServerSource,
} from './composition/composed-root.ts';
import type { PartRoot } from './composition/part-root.ts';
import { makeDebianRoot } from './debian/debian-root.ts';
import { ensureNpmServer } from './npm/npm-server.ts';
import { layServerRoot, npmServerDirectory } from './npm/npm-server-root.ts';
import { diskUsageBytes } from './disk-usage.ts';
import type { Progress } from './progress.ts';
import { buildRecipe, bundleBaseHost, hostRecipe } from './debian/recipes.ts';
import {
  type ComposedRecipe,
  type DebianRecipe,
  type NpmServerRecipe,
  type PartRecipe,
  rootCacheKey,
  rootKey,
  type RootRecipe,
  rootVersion,
  suiteOf,
} from './debian/root-recipe.ts';

/** An unpacked root in the cache. Nobody may write in it: others use the same one. */
export interface Root {
  readonly name: string;
  /** The folder that becomes `/`. */
  readonly path: string;
  readonly key: string;
  readonly suite: string;
  /** Every package in it, the merely unpacked ones too, with its exact version. */
  readonly packages: Readonly<Record<string, string>>;
  /** Of a root that is put together, whose its parts are. */
  readonly composition?: RootComposition;
}

/** What stands beside a root in its folder of the cache. */
export interface RootManifest extends Omit<Root, 'path'> {
  readonly schemaVersion: typeof rootVersion;
  readonly madeAt: string;
  /** What it takes on the disk; absent where an older Redoubt made it, or it was put together. */
  readonly sizeBytes?: number;
}

/**
 * The root of a recipe: the one in the cache, or made now with mmdebstrap from the machine's own Debian mirror, with
 * signatures checked, and with npm for a server of npm's. Safe when several runs want the same one. Throws
 * `infrastructure` that names the log, or what {@link ensureNpmServer} throws.
 */
export async function ensureRoot(recipe: RootRecipe, progress: Progress): Promise<Root> {
  if (recipe.kind === 'given') {
    const { name, key, packages, path } = recipe;
    return { name, key, packages, path, suite: suiteOf(recipe) };
  }
  if (recipe.kind === 'composed') return ensureComposedRoot(recipe, progress);
  const phase = `root ${recipe.name}`;
  const directory = await publish(
    rootCacheKey(recipe),
    (partial) => makeRoot(recipe, partial, progress),
    () => progress(phase, 'waiting for another run that makes it'),
  );
  const { name, key, suite, packages } = await readManifest(directory);
  return { name, key, suite, packages, path: join(directory, 'root') };
}

/** Several roots, at most as many at a time as there are cores; in the order of the recipes. */
export async function ensureRoots(
  recipes: readonly RootRecipe[],
  progress: Progress,
): Promise<readonly Root[]> {
  const made = new Map<string, Root>();
  const waiting = [...new Map(recipes.map((recipe) => [rootCacheKey(recipe), recipe])).entries()];
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && failures.length === 0; next = waiting.shift()) {
      const [cacheKey, recipe] = next;
      try {
        made.set(cacheKey, await ensureRoot(recipe, progress));
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  if (failures.length > 0) throw failures[0];
  return recipes.map((recipe) => made.get(rootCacheKey(recipe))).filter((root) => root !== undefined);
}

/** The root of a composition, by what its parts are: their packages, and the libraries that are exchanged. */
async function ensureComposedRoot(recipe: ComposedRecipe, progress: Progress): Promise<Root> {
  const sources = await compositionSources(recipe, progress);
  const key = await compositionKey(sources);
  const directory = await publish(
    `composed/${key}`,
    async (partial) => {
      const build = await partRoot({ name: 'the build root', recipe: buildRecipe(15) }, progress);
      const composition = await composeRoot(sources, build, partial, progress);
      const manifest: RootManifest = {
        schemaVersion: rootVersion,
        name: recipe.name,
        key,
        suite: suiteOf(recipe),
        packages: composedPackages(recipe, sources),
        madeAt: new Date().toISOString(),
        composition,
      };
      await writeManifest(partial, manifest);
    },
    () => progress(`root ${recipe.name}`, 'waiting for another run that makes it'),
  );
  const { name, suite, packages, composition } = await readManifest(directory);
  if (composition === undefined) throw damaged(directory, undefined);
  return { name, key, suite, packages, composition, path: join(directory, 'root') };
}

async function compositionSources(recipe: ComposedRecipe, progress: Progress): Promise<CompositionSources> {
  const { name, major, server, libc, locales, icu, icudata } = recipe;
  const own =
    server.kind === 'npm-server' ? baseUnder(libc, server) : { name: nameOfServer(name), recipe: server };
  const part = async (wanted: PartRecipe | undefined): Promise<PartRoot | undefined> =>
    wanted && partRoot(wanted, progress);
  const base = await partRoot(own, progress);
  return {
    words: name,
    major,
    server: serverSource(recipe, base, progress),
    libc: await part(libc),
    locales: await part(locales),
    icu: await part(icu),
    icudata: await part(icudata),
  };
}

/** The root that a server of npm's and a libc are laid on. */
function baseUnder(libc: PartRecipe | undefined, { base }: NpmServerRecipe): PartRecipe {
  const isBundle = libc?.recipe.kind === 'given' && libc.recipe.tree !== undefined;
  const recipe = isBundle ? hostRecipe(bundleBaseHost) : base;
  return { name: recipe.name, recipe };
}

async function partRoot({ name, recipe }: PartRecipe, progress: Progress): Promise<PartRoot> {
  const { path, key, suite, packages } = await ensureRoot(recipe, progress);
  return { name, path, key, suite, packages, tree: recipe.kind === 'given' ? recipe.tree : undefined };
}

function serverSource(
  { name, major, server }: ComposedRecipe,
  base: PartRoot,
  progress: Progress,
): ServerSource {
  if (server.kind !== 'npm-server')
    return {
      kind: 'root',
      root: base,
      programs: server.kind === 'given' ? server.programs : posix.join(npmServerDirectory(major), 'bin'),
    };
  return {
    kind: 'layered',
    name: nameOfServer(name),
    base,
    key: server.server.integrity,
    lay: async (root, target) => {
      await layServerRoot(root, await ensureNpmServer(server.server, progress), server.server, target);
    },
  };
}

/** Packages of Debian's that glibc and its locales come in. */
const libcPackages: readonly string[] = ['libc6', 'libc-bin', 'libc-l10n', 'locales-all'];

/** The packages of the root that everything is laid on and the server's; those of another libc in its versions, if it has any. */
function composedPackages({ server }: ComposedRecipe, sources: CompositionSources): Root['packages'] {
  const { libc, locales } = sources;
  const base = baseOf(sources);
  const isOwn = (name: string): boolean => libc === undefined || !libcPackages.includes(name);
  return {
    ...Object.fromEntries(Object.entries(base.packages).filter(([name]) => isOwn(name))),
    ...versionsOf(libc, libcPackages),
    ...versionsOf(locales, ['locales-all']),
    ...(server.kind === 'npm-server' ? { [server.server.name]: server.server.version } : {}),
  };
}

function versionsOf(part: PartRoot | undefined, names: readonly string[]): Root['packages'] {
  return Object.fromEntries(
    names.flatMap((name) => {
      const version = part?.packages[name];
      return version === undefined ? [] : [[name, version]];
    }),
  );
}

function nameOfServer(words: string): string {
  return /^pg=([^,]+)/.exec(words)?.[1] ?? words;
}

/** Reads the manifest of a root's folder in the cache. Throws `root-damaged` when there is none that can be read. */
export async function readManifest(directory: string): Promise<RootManifest> {
  const path = join(directory, 'manifest.json');
  try {
    const manifest = JSON.parse(await readFile(path, 'utf8')) as RootManifest;
    if (manifest.schemaVersion === rootVersion) return manifest;
  } catch (error) {
    throw damaged(directory, error);
  }
  throw damaged(directory, undefined);
}

async function makeRoot(
  recipe: DebianRecipe | NpmServerRecipe,
  partial: string,
  progress: Progress,
): Promise<void> {
  const startedMs = performance.now();
  const packages =
    recipe.kind === 'debian'
      ? await makeDebianRoot(recipe, partial, progress)
      : await makeServerRoot(recipe, partial, progress);
  const manifest: RootManifest = {
    schemaVersion: rootVersion,
    name: recipe.name,
    key: rootKey(recipe),
    suite: suiteOf(recipe),
    packages,
    madeAt: new Date().toISOString(),
    sizeBytes: await diskUsageBytes(partial),
  };
  await writeManifest(partial, manifest);
  progress(`root ${recipe.name}`, `made in ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
}

async function writeManifest(directory: string, manifest: RootManifest): Promise<void> {
  await writeFile(join(directory, 'manifest.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

async function makeServerRoot(
  { base, server }: NpmServerRecipe,
  partial: string,
  progress: Progress,
): Promise<Root['packages']> {
  const [installation, { path, packages }] = await Promise.all([
    ensureNpmServer(server, progress),
    ensureRoot(base, progress),
  ]);
  await layServerRoot(path, installation, server, join(partial, 'root'));
  return { ...packages, [server.name]: server.version };
}

function damaged(directory: string, cause: unknown): RedoubtError {
  return new RedoubtError(
    'infrastructure',
    'root-damaged',
    `the root in ${directory} has no manifest that can be read`,
    {
      remedy: `Remove that folder and run again: it is made anew.`,
      details: { directory },
      cause,
    },
  );
}
