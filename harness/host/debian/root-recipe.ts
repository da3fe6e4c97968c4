import { createHash } from 'node:crypto';

import type { TreeFolders } from '../composition/library-folders.ts';
import type { NpmServer } from '../npm/npm-server.ts';

/** A root made of Debian's packages. */
export interface DebianRecipe {
  readonly kind: 'debian';
  readonly name: string;
  /** Debian's code name. */
  readonly suite: string;
  readonly packages: readonly string[];
  /** Packages that are downloaded and unpacked without their dependencies and without their scripts. */
  readonly extracted?: readonly string[];
  /** Patterns of tar's (`./boot/vmlinuz-*`): what of those packages is unpacked; default: all. */
  readonly extractedPaths?: readonly string[];
  /** Suites whose archive is looked at besides, for packages that the own one does not have. */
  readonly otherSuites?: readonly string[];
  /** Source packages that are unpacked, patches applied, in `/usr/src/NAME`, NAME without a version. */
  readonly sources?: readonly string[];
  /** Files that stand in the root before its packages are installed: path inside the root, content. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A copy of a root of Debian's, with a server of npm's in it. */
export interface NpmServerRecipe {
  readonly kind: 'npm-server';
  readonly name: string;
  readonly base: DebianRecipe;
  readonly server: NpmServer;
}

/** A root that somebody gave, as it lies unpacked: nothing is made. */
export interface GivenRecipe {
  readonly kind: 'given';
  readonly name: string;
  readonly path: string;
  /** What it is, for good: the digest of its archive or image. */
  readonly key: string;
  readonly packages: Readonly<Record<string, string>>;
  /** Where it keeps its libraries, if it is no root but a bundle. */
  readonly tree?: TreeFolders;
}

/** A given root with a server in it, to which parts of others can be given. */
export interface GivenServerRecipe extends GivenRecipe {
  /** The directory inside the root that holds `postgres`. */
  readonly programs: string;
}

/** What a server comes from that parts can be given to. */
export type ServerRecipe = DebianRecipe | GivenServerRecipe | NpmServerRecipe;

/**
 * One server with parts of other roots; a part that is left out is the server's own, locales are
 * then libc's, and data libicu's. */
export interface ComposedRecipe {
  readonly kind: 'composed';
  /** As it is written: `pg=npm:17.10,libc=debian:12,icu=debian:13`. */
  readonly name: string;
  readonly major: number;
  readonly server: ServerRecipe;
  readonly libc: PartRecipe | undefined;
  readonly locales: PartRecipe | undefined;
  readonly icu: PartRecipe | undefined;
  readonly icudata: PartRecipe | undefined;
}

/** A root of which only a part is taken, by the name that the user gave it. */
export interface PartRecipe {
  readonly name: string;
  readonly recipe: DebianRecipe | GivenRecipe | NpmServerRecipe;
}

/** By which a source package stands among a root's packages: binary packages bear its name, too. */
export function sourceKey(name: string): string {
  return `src:${name}`;
}

/** What a root is made of; its digest is the root's key in the cache. */
export type RootRecipe = ComposedRecipe | DebianRecipe | GivenRecipe | NpmServerRecipe;

/** Raised whenever roots are made differently from the same recipe. */
export const rootVersion = 2;

/** Debian's code name of the release that a root is; empty for one that was given. */
export function suiteOf(recipe: RootRecipe): string {
  switch (recipe.kind) {
    case 'debian':
      return recipe.suite;
    case 'npm-server':
      return recipe.base.suite;
    case 'composed':
      return suiteOf(recipe.server);
    case 'given':
      return '';
  }
}

/** The digest of all that a root's content is made from, but for the archive's state on the day. */
export function rootKey(recipe: RootRecipe): string {
  return createHash('sha256')
    .update(JSON.stringify(partsOf(recipe)))
    .digest('hex')
    .slice(0, 12);
}

/** The path of a recipe's root inside the cache. */
export function rootCacheKey(recipe: RootRecipe): string {
  return `roots/${recipe.name.replaceAll(/[^a-z0-9.]+/g, '-')}-${rootKey(recipe)}`;
}

function partsOf(recipe: RootRecipe): readonly unknown[] {
  if (recipe.kind === 'given') return [recipe.key];
  if (recipe.kind === 'npm-server') return [partsOf(recipe.base), recipe.server.integrity];
  if (recipe.kind === 'composed') {
    const { name, server, libc, locales, icu, icudata } = recipe;
    return [
      name,
      partsOf(server),
      ...[libc, locales, icu, icudata].map((part) => part && partsOf(part.recipe)),
    ];
  }
  const { suite, packages, extracted = [], sources = [], files = {} } = recipe;
  const { extractedPaths = [], otherSuites = [] } = recipe;
  return [
    rootVersion,
    process.arch,
    suite,
    packages.toSorted(),
    extracted.toSorted(),
    Object.keys(files)
      .toSorted()
      .map((path) => [path, files[path]]),
    ...(sources.length > 0 ? [sources.toSorted()] : []),
    ...(extractedPaths.length + otherSuites.length > 0 ? [extractedPaths, otherSuites] : []),
  ];
}
