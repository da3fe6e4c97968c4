import { RedoubtError } from '../error.ts';
import type { NpmServer } from './npm/npm-server.ts';
import { newestNpmServer, npmServers } from './npm/npm-servers.ts';
import { debianServerRecipe, npmServerRecipe } from './debian/recipes.ts';
import type { RootRecipe } from './debian/root-recipe.ts';

/** A root with a full server, by the name that the user gives. */
export interface ComputeImage {
  /** A Debian release with its own server (`debian:12`), or a server of npm's (`npm:17.10`). */
  readonly name: string;
  readonly major: number;
  readonly recipe: RootRecipe;
}

/**
 * The images that a run uses when it names none come first, one a major. Debian's own server is taken where a release
 * that is a host anyway has it; of the others npm's, which costs a second and nothing of a release that is still moving.
 */
const images: readonly ComputeImage[] = [
  newestImage(14),
  debianImage('debian:12', 15),
  newestImage(16),
  debianImage('debian:13', 17),
  newestImage(18),
  debianImage('debian:14', 18),
  ...npmServers().map(npmImage),
];

/** Every compute image that can be had, the default one of each major first. */
export function computeImages(): readonly ComputeImage[] {
  return images.filter(({ name }, index) => images.findIndex((each) => each.name === name) === index);
}

/** The majors of which there is a compute image, in ascending order. */
export function computeMajors(): readonly number[] {
  return [...new Set(images.map(({ major }) => major))].toSorted((left, right) => left - right);
}

/**
 * The image of a name; `npm:17` stands for the newest of that major. Throws `unknown-compute-image` (usage), naming those
 * that can be had.
 */
export function computeImage(name: string): ComputeImage {
  const known = computeImages();
  const newest = newestNpmServer(Number(/^npm:(\d+)$/.exec(name)?.[1]));
  const wanted = newest === undefined ? name : npmName(newest);
  const image = known.find((each) => each.name === wanted);
  if (image !== undefined) return image;
  throw new RedoubtError('usage', 'unknown-compute-image', `there is no compute image named ${name}`, {
    remedy: `Choose from: ${known.map(describe).join(', ')}.`,
    details: { name, known: known.map((each) => each.name) },
  });
}

/** The image that a word names; undefined for words that name something else. Throws as {@link computeImage} does for `npm:`. */
export function namedComputeImage(word: string): ComputeImage | undefined {
  return word.startsWith('npm:') || images.some(({ name }) => name === word) ? computeImage(word) : undefined;
}

/** The image of a major for runs that name none. Throws `unknown-major` (usage). */
export function defaultComputeImage(major: number): ComputeImage {
  const image = images.find((each) => each.major === major);
  if (image !== undefined) return image;
  throw noImage(major);
}

/** The root of a major's default compute image. Throws `unknown-major` (usage). */
export function computeRecipe(major: number): RootRecipe {
  return defaultComputeImage(major).recipe;
}

function describe({ name, major }: ComputeImage): string {
  return name.startsWith('npm:') ? name : `${name} (PostgreSQL ${String(major)})`;
}

function debianImage(name: string, major: number): ComputeImage {
  return { name, major, recipe: debianServerRecipe(major) };
}

function newestImage(major: number): ComputeImage {
  const server = newestNpmServer(major);
  if (server === undefined) throw noImage(major);
  return npmImage(server);
}

function npmImage(server: NpmServer): ComputeImage {
  return { name: npmName(server), major: server.major, recipe: npmServerRecipe(server) };
}

function npmName({ serverVersion }: NpmServer): string {
  return `npm:${serverVersion}`;
}

function noImage(major: number): RedoubtError {
  return new RedoubtError('usage', 'unknown-major', `no compute image has PostgreSQL ${String(major)}`, {
    remedy: `Majors that can be had: ${computeMajors().join(', ')}.`,
    details: { major },
  });
}
