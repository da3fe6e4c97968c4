import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { RedoubtError } from '../error.ts';
import { cacheDirectory, lockPath, partialSuffix } from './cache.ts';
import { diskUsageBytes } from './disk-usage.ts';
import { isLocked } from './lock.ts';
import { computeImages } from './compute-images.ts';
import {
  buildRecipe,
  debianServerMajors,
  floorKernelRecipe,
  hostNames,
  hostRecipe,
} from './debian/recipes.ts';
import { readManifest } from './root.ts';
import { rootCacheKey, type RootRecipe, suiteOf } from './debian/root-recipe.ts';
import { systemError } from './system-error.ts';

/**
 * `ready` can be used at once, `in the making` is held by a run, `half-made` was left by a killed one, `damaged` has no
 * manifest, `not made` can be had, `outdated` was made from a recipe that is no longer in use.
 */
export type RootState = 'ready' | 'in the making' | 'half-made' | 'damaged' | 'not made' | 'outdated';

/** One root: in the cache, or to be had. */
export interface RootEntry {
  /** What it is for: to run bundles in, a server's image, to compile in, or the oldest kernel with its emulator. */
  readonly purpose: 'host' | 'compute' | 'build' | 'kernel' | 'unknown';
  readonly name: string;
  readonly suite: string;
  readonly state: RootState;
  /** The folder in the cache, whether it is there or not. */
  readonly directory: string;
  readonly sizeBytes: number | undefined;
  readonly packageCount: number | undefined;
  readonly madeAt: string | undefined;
}

/** Every root that exists in the cache or can be had, in a stable order. */
export async function listHosts(): Promise<readonly RootEntry[]> {
  const wanted = knownRecipes();
  const names = await readdir(join(cacheDirectory(), 'roots')).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw systemError('cannot list the roots in the cache', error);
  });
  const known = await Promise.all(
    wanted.map(({ purpose, recipe }) => describe(purpose, recipe, rootCacheKey(recipe), names)),
  );
  const knownNames = new Set(known.map(({ directory }) => basename(directory)));
  const others = names
    .filter((name) => !name.endsWith(partialSuffix) && !knownNames.has(name))
    .toSorted()
    .map((name) => describe('unknown', undefined, `roots/${name}`, names));
  return [...known, ...(await Promise.all(others))];
}

interface KnownRecipe {
  readonly purpose: RootEntry['purpose'];
  readonly recipe: RootRecipe;
}

function knownRecipes(): readonly KnownRecipe[] {
  return [
    ...hostNames().map((name): KnownRecipe => ({ purpose: 'host', recipe: hostRecipe(name) })),
    ...computeImages().map(({ recipe }): KnownRecipe => ({ purpose: 'compute', recipe })),
    ...debianServerMajors().map((major): KnownRecipe => ({ purpose: 'build', recipe: buildRecipe(major) })),
    { purpose: 'kernel', recipe: floorKernelRecipe() },
  ];
}

async function describe(
  purpose: RootEntry['purpose'],
  recipe: RootRecipe | undefined,
  key: string,
  names: readonly string[],
): Promise<RootEntry> {
  const directory = join(cacheDirectory(), key);
  const absent = {
    purpose,
    name: recipe?.name ?? basename(key),
    suite: recipe === undefined ? '' : suiteOf(recipe),
    directory,
    sizeBytes: undefined,
    packageCount: undefined,
    madeAt: undefined,
  };
  if (!names.includes(basename(key))) return { ...absent, state: await stateOfAbsent(key, names) };
  try {
    const manifest = await readManifest(directory);
    return {
      ...absent,
      name: manifest.name,
      suite: manifest.suite,
      state: recipe === undefined ? 'outdated' : 'ready',
      sizeBytes: manifest.sizeBytes ?? (await diskUsageBytes(directory)),
      packageCount: Object.keys(manifest.packages).length,
      madeAt: manifest.madeAt,
    };
  } catch (error) {
    if (!(error instanceof RedoubtError) || error.code !== 'root-damaged') throw error;
    return { ...absent, state: recipe === undefined ? 'outdated' : 'damaged' };
  }
}

async function stateOfAbsent(key: string, names: readonly string[]): Promise<RootState> {
  if (!names.includes(`${basename(key)}${partialSuffix}`)) return 'not made';
  return (await isLocked(lockPath(key))) ? 'in the making' : 'half-made';
}
