import { existsSync } from 'node:fs';

import { RedoubtError } from '../../error.ts';
import { bundleTree } from './bundle-tree.ts';
import { type Composition, type PartName, partNames } from './composition-parts.ts';
import { computeImage, type ComputeImage, namedComputeImage } from '../compute-images.ts';
import { databaseHostRecipe } from '../database-host.ts';
import { imageReference, openNamedRoot } from '../named-root.ts';
import type { Progress } from '../progress.ts';
import { newestPlacedServer } from '../server-directories.ts';
import { hostNames, hostRecipe } from '../debian/recipes.ts';
import type { ComposedRecipe, DebianRecipe, PartRecipe, ServerRecipe } from '../debian/root-recipe.ts';

/** The server that a composition has which names none: it runs on every libc, and on every libicu. */
const defaultServer = 'npm:17';

/** Whether a word names a composition: `pg=npm:17,libc=debian:12,icu=debian:13`. */
export function isComposition(word: string): boolean {
  return /^(pg|libc|locales|icu|icudata)=./.test(word.trim());
}

/**
 * The words of an option that takes names with commas between them; those of a composition stay together. `pg=` begins
 * another one.
 */
export function splitNames(typed: string): readonly string[] {
  const names: string[] = [];
  for (const word of typed.split(',').map((each) => each.trim())) {
    const last = names.at(-1);
    const continues =
      isComposition(word) && !word.startsWith('pg=') && last !== undefined && isComposition(last);
    if (continues) names[names.length - 1] = `${last},${word}`;
    else if (word !== '') names.push(word);
  }
  return names;
}

/** Reads the words of a composition. Throws `bad-composition` (usage). */
export function parseComposition(words: string): Composition {
  const composition: Partial<Record<PartName, string>> = {};
  for (const word of words.split(',').map((each) => each.trim())) {
    const [, name = '', value = ''] = /^([a-z]+)=(.+)$/.exec(word) ?? [];
    const part = partNames.find((each) => each === name);
    if (part === undefined) throw badComposition(words, `${word} names no part`);
    if (composition[part] !== undefined) throw badComposition(words, `${part} is named twice`);
    composition[part] = value;
  }
  return composition;
}

/** A composition as it is written in one way only: the server named to its minor, parts in their order. Throws as parsing does. */
export function compositionName(words: string): string {
  const { pg, ...parts } = parseComposition(words);
  const written = (['libc', 'locales', 'icu', 'icudata'] as const).flatMap((part) => {
    const name = parts[part];
    return name === undefined ? [] : [`${part}=${namedComputeImage(name)?.name ?? name}`];
  });
  return [`pg=${serverName(pg ?? defaultServer)}`, ...written].join(',');
}

/** The name of a server: of a compute image to its minor, else as it was given. Throws `unknown-compute-image` (usage). */
export function serverName(word: string): string {
  return isGiven(word) ? word : computeImage(word).name;
}

/**
 * A composition as a compute image: one server, with libc and locales of one root and libicu of another. The server is a compute
 * image, or the path of one or of its archive, or `image:` and a reference; parts are named like environments: `debian:12`,
 * `npm:17`, an image, the path of a root, of a bundle (the libraries of the server's major in it), or of the archive of one.
 * Throws `bad-composition`, `unknown-compute-image`, `no-server-program`, `no-libraries` and what opening a root throws; whether
 * the parts fit shows when the root is made.
 */
export async function composedImage(words: string, progress: Progress): Promise<ComputeImage> {
  const { pg, libc, locales, icu, icudata } = parseComposition(words);
  const { server, major } = await serverRecipe(words, pg ?? defaultServer, progress);
  const written = compositionName(words);
  const part = async (
    wanted: string | undefined,
    recipe: (host: string) => DebianRecipe,
  ): Promise<PartRecipe | undefined> =>
    wanted === undefined ? undefined : partRecipe(wanted, major, recipe, progress);
  const recipe: ComposedRecipe = {
    kind: 'composed',
    name: written,
    major,
    server,
    libc: await part(libc, hostRecipe),
    locales: await part(locales, hostRecipe),
    icu: await part(icu, databaseHostRecipe),
    icudata: await part(icudata, databaseHostRecipe),
  };
  return { name: written, major, recipe };
}

async function serverRecipe(
  words: string,
  name: string,
  progress: Progress,
): Promise<{ readonly server: ServerRecipe; readonly major: number }> {
  if (!isGiven(name)) {
    const { recipe, major } = computeImage(name);
    if (recipe.kind !== 'debian' && recipe.kind !== 'npm-server')
      throw badComposition(words, `${name} is no server that parts can be given to`);
    return { server: recipe, major };
  }
  const { path, digest, packages } = await openNamedRoot(name, progress);
  const newest = await newestPlacedServer(path);
  if (newest === undefined)
    throw new RedoubtError(
      'usage',
      'no-server-program',
      `${name} has no PostgreSQL server where distributions put one`,
      { remedy: 'Give an image with a server: Debian, docker-library, RHEL or Neon layouts are known.' },
    );
  const { major, directory } = newest;
  return { server: { kind: 'given', name, path, key: digest ?? path, packages, programs: directory }, major };
}

/** Whether a server is no compute image by name, but a root that lies here or in the daemon. */
function isGiven(name: string): boolean {
  return namedComputeImage(name) === undefined && (imageReference(name) !== undefined || existsSync(name));
}

async function partRecipe(
  name: string,
  major: number,
  ofHost: (host: string) => DebianRecipe,
  progress: Progress,
): Promise<PartRecipe> {
  if (hostNames().includes(name)) return { name, recipe: ofHost(name) };
  const image = namedComputeImage(name);
  if (image !== undefined && image.recipe.kind !== 'composed')
    return { name: image.name, recipe: image.recipe };
  const { path, digest, packages } = await openNamedRoot(name, progress);
  const tree = await bundleTree(name, path, major);
  const recipe = { kind: 'given', name, path, key: digest ?? path, packages } as const;
  return { name, recipe: tree === undefined ? recipe : { ...recipe, tree } };
}

function badComposition(words: string, why: string): RedoubtError {
  return new RedoubtError('usage', 'bad-composition', `${words}: ${why}`, {
    remedy:
      "Write pg=npm:17,libc=debian:12,icu=debian:13; what is left out is the server's own. A part is a distro, a compute image, an image of the Docker daemon (image:NAME), or the path of a root or a bundle.",
    details: { composition: words },
  });
}
