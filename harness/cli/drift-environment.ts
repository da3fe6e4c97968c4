import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';

import { openBundle } from '../bundle/open.ts';
import { type CollationEnvironment, rootEnvironment, treeEnvironment } from '../collation/environment.ts';
import { RedoubtError } from '../error.ts';
import { openGivenRoot } from '../host/archive-root.ts';
import { computeImage, computeImages } from '../host/compute-images.ts';
import { databaseHostRecipe } from '../host/database-host.ts';
import type { Progress } from '../host/progress.ts';
import { hostNames } from '../host/recipes.ts';
import { ensureRoot } from '../host/root.ts';
import type { RootRecipe } from '../host/root-recipe.ts';

/**
 * What `--from` and `--to` name: a distro (`debian:11`: with its own server and libicu), a compute image (`npm:17.10`), a
 * bundle, or a root (folder, tarball, docker save, OCI archive). `major` chooses among the libraries of a bundle. Throws
 * `usage` for what is none of them.
 */
export async function driftEnvironment(
  name: string,
  major: number | undefined,
  progress: Progress,
): Promise<CollationEnvironment> {
  const recipe = recipeOf(name);
  if (recipe !== undefined) return rootEnvironment(name, (await ensureRoot(recipe, progress)).path);
  const bundle = await openBundle(name, progress).catch((error: unknown) => {
    if (error instanceof RedoubtError && error.code === 'no-such-bundle')
      throw unknownEnvironment(name, error);
    if (error instanceof RedoubtError && error.kind === 'usage') return undefined;
    throw error;
  });
  if (bundle === undefined) return rootEnvironment(name, (await openGivenRoot(name, progress)).path);
  if (bundle.layout !== 'chroot') throw leansOnItsHost(name, bundle.layout);
  const directories = await librariesIn(bundle.directory);
  const directory = chosen(directories, major);
  return directory === undefined
    ? rootEnvironment(name, bundle.directory)
    : treeEnvironment(name, bundle.directory, directory);
}

function recipeOf(name: string): RootRecipe | undefined {
  if (name.startsWith('npm:') || computeImages().some((image) => image.name === name))
    return computeImage(name).recipe;
  return hostNames().includes(name) ? databaseHostRecipe(name) : undefined;
}

/** The folders of a bundle that have a C library and a loader for it. */
async function librariesIn(bundle: string): Promise<readonly string[]> {
  const entries = await readdir(bundle, { recursive: true, withFileTypes: true });
  const folders = entries
    .filter(({ name }) => name === 'libc.so.6')
    .map(({ parentPath }) => relative(bundle, parentPath));
  const withLoader = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(join(bundle, folder));
      return names.some((name) => name.startsWith('ld-linux')) ? [folder] : [];
    }),
  );
  return withLoader.flat();
}

/** The folder of a major, or of the newest one. */
function chosen(directories: readonly string[], major: number | undefined): string | undefined {
  const wanted = directories.filter((each) => major === undefined || majorOf(each) === major);
  return wanted.toSorted((one, other) => majorOf(other) - majorOf(one))[0];
}

/** 0 for folders that belong to no major. */
function majorOf(directory: string): number {
  return Number(/(?:^|\/)v(\d+)(?:\/|$)/.exec(directory)?.[1] ?? 0);
}

function leansOnItsHost(name: string, layout: string): RedoubtError {
  return new RedoubtError(
    'usage',
    'no-libraries',
    `the bundle ${name} is of the layout ${layout}: it has no C library of its own that could be asked`,
    { remedy: 'Name the host on which it runs instead.', details: { name, layout } },
  );
}

function unknownEnvironment(name: string, cause: unknown): RedoubtError {
  return new RedoubtError(
    'usage',
    'unknown-environment',
    `there is no distro, compute image, bundle or root named ${name}`,
    {
      remedy: `Distros: ${hostNames().join(', ')}. Compute images: ${computeImages()
        .map((image) => image.name)
        .join(', ')}. Or give the path of a bundle or a root.`,
      details: { name },
      cause,
    },
  );
}
