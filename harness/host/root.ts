import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

import { RedoubtError } from '../error.ts';
import { aptProxies, ensureDebianMirror } from './apt-mirror.ts';
import { cacheDirectory, publish } from './cache.ts';
import { runContained } from './contained-command.ts';
import { interruption } from './interruption.ts';
import { parsePackageStatus } from './package-status.ts';
import { ensureTools, requireRoot } from './prerequisites.ts';
import type { Progress } from './progress.ts';
import { systemError } from './system-error.ts';

/** What a root is made of; its digest is the root's key in the cache. */
export interface RootRecipe {
  readonly name: string;
  /** Debian's code name. */
  readonly suite: string;
  readonly packages: readonly string[];
  /** Packages that are downloaded and unpacked without their dependencies and without their scripts. */
  readonly extracted?: readonly string[];
  /** Files that stand in the root before its packages are installed: path inside the root, content. */
  readonly files?: Readonly<Record<string, string>>;
}

/** An unpacked root in the cache. Nobody may write in it: others use the same one. */
export interface Root {
  readonly name: string;
  /** The folder that becomes `/`. */
  readonly path: string;
  readonly key: string;
  readonly suite: string;
  /** Every package in it, the merely unpacked ones too, with its exact version. */
  readonly packages: Readonly<Record<string, string>>;
}

/** What stands beside a root in its folder of the cache. */
export interface RootManifest extends Omit<Root, 'path'> {
  readonly schemaVersion: typeof manifestVersion;
  readonly madeAt: string;
}

/** Raised whenever roots are made differently from the same recipe. */
const manifestVersion = 2;

/** Suites whose Release file says when it ends being valid, and may be past it on a slow mirror. */
const datedSuites: ReadonlySet<string> = new Set(['forky', 'testing', 'sid', 'unstable']);

/** The digest of all that a root's content is made from, but for the archive's state on the day. */
export function rootKey({ suite, packages, extracted = [], files = {} }: RootRecipe): string {
  const parts = [
    manifestVersion,
    process.arch,
    suite,
    packages.toSorted(),
    extracted.toSorted(),
    Object.keys(files)
      .toSorted()
      .map((path) => [path, files[path]]),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
}

/** The path of a recipe's root inside the cache. */
export function rootCacheKey(recipe: RootRecipe): string {
  return `roots/${recipe.name.replaceAll(/[^a-z0-9.]+/g, '-')}-${rootKey(recipe)}`;
}

/**
 * The root of a recipe: the one in the cache, or made now with mmdebstrap from the machine's own Debian mirror, with
 * signatures checked. Safe when several runs want the same one. Throws `infrastructure` that names the log.
 */
export async function ensureRoot(recipe: RootRecipe, progress: Progress): Promise<Root> {
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

/** Reads the manifest of a root's folder in the cache. Throws `root-damaged` when there is none that can be read. */
export async function readManifest(directory: string): Promise<RootManifest> {
  const path = join(directory, 'manifest.json');
  try {
    const manifest = JSON.parse(await readFile(path, 'utf8')) as RootManifest;
    if (manifest.schemaVersion === manifestVersion) return manifest;
  } catch (error) {
    throw damaged(directory, error);
  }
  throw damaged(directory, undefined);
}

async function makeRoot(recipe: RootRecipe, partial: string, progress: Progress): Promise<void> {
  const phase = `root ${recipe.name}`;
  requireRoot('making a distro root');
  await ensureTools(progress);
  progress(phase, `making it from ${recipe.suite} with mmdebstrap`);
  const startedMs = performance.now();
  const root = join(partial, 'root');
  const logPath = join(cacheDirectory(), 'logs', `${rootCacheKey(recipe).replace('/', '-')}.log`);
  await mkdir(dirname(logPath), { recursive: true });
  await rm(logPath, { force: true });
  const work = join(partial, 'work');
  await mkdir(work);
  const mirror = await ensureDebianMirror(progress);
  await runContained({
    argv: ['mmdebstrap', ...(await mmdebstrapArguments(recipe, work)), recipe.suite, root, mirror],
    logPath,
    env: { ...(await aptProxies()), TMPDIR: work },
  }).catch(async (error: unknown) => {
    if (interruption.aborted) throw error;
    throw await explain(error, recipe, partial, logPath);
  });
  const packages = { ...(await installedPackages(root)), ...(await extractedPackages(work)) };
  await rm(work, { recursive: true });
  const manifest: RootManifest = {
    schemaVersion: manifestVersion,
    name: recipe.name,
    key: rootKey(recipe),
    suite: recipe.suite,
    packages,
    madeAt: new Date().toISOString(),
  };
  await writeFile(join(partial, 'manifest.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  progress(phase, `made in ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
}

async function mmdebstrapArguments(recipe: RootRecipe, work: string): Promise<readonly string[]> {
  const { packages, extracted = [], files = {} } = recipe;
  const debs = join(work, 'debs');
  const tree = join(work, 'files');
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), content);
  }
  if (extracted.length > 0) await mkdir(debs);
  return [
    '--mode=root',
    '--variant=minbase',
    '--format=directory',
    '--components=main',
    ...(packages.length > 0 ? [`--include=${packages.join(',')}`] : []),
    '--aptopt=Acquire::Retries "3"',
    '--aptopt=Acquire::Languages "none"',
    // The archive's signature is still checked, only its date is not.
    ...(datedSuites.has(recipe.suite) ? ['--aptopt=Acquire::Check-Valid-Until "false"'] : []),
    '--dpkgopt=force-unsafe-io',
    ...(Object.keys(files).length > 0 ? [`--essential-hook=cp -r '${tree}/.' "$1"`] : []),
    // mmdebstrap copies these from the machine, and no root may tell where it was made.
    '--customize-hook=rm -f "$1/etc/resolv.conf" && echo redoubt > "$1/etc/hostname"',
    ...(extracted.length > 0 ? [`--customize-hook=${extractScript(extracted, debs)}`] : []),
  ];
}

/** Run by mmdebstrap through sh with the root as `$1`, while the package lists are still there. */
function extractScript(packages: readonly string[], debs: string): string {
  return [
    'set -e',
    `cd '${debs}'`,
    `APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get -o APT::Sandbox::User=root download ${packages.join(' ')}`,
    `for deb in *.deb; do dpkg-deb --extract "$deb" "$1"; dpkg-deb --show --showformat='\${Package}\\t\${Version}\\n' "$deb"; done > versions`,
  ].join('\n');
}

async function installedPackages(root: string): Promise<Readonly<Record<string, string>>> {
  return parsePackageStatus(await readFile(join(root, 'var/lib/dpkg/status'), 'utf8'));
}

async function extractedPackages(work: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(join(work, 'debs', 'versions'), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n').filter((line) => line !== '');
  return Object.fromEntries(lines.map((line) => line.split('\t') as [string, string]));
}

async function explain(
  error: unknown,
  recipe: RootRecipe,
  partial: string,
  logPath: string,
): Promise<RedoubtError> {
  const cause = systemError(`cannot make the root ${recipe.name}`, error);
  const { bavail, bsize } = await statfs(partial);
  const isDiskFull = cause.code === 'disk-full' || bavail * bsize < 2 ** 20;
  return new RedoubtError(
    'infrastructure',
    isDiskFull ? 'disk-full' : 'root-failed',
    isDiskFull
      ? `the disk of the cache ${cacheDirectory()} is full: the root ${recipe.name} could not be made`
      : `the root ${recipe.name} (${recipe.suite}) could not be made: ${cause.message}`,
    {
      remedy: isDiskFull
        ? 'Free some disk space (a root takes up to 1 GB), or set REDOUBT_CACHE to a larger disk.'
        : `See that apt's Debian mirror answers; mmdebstrap's output is in ${logPath}.`,
      details: { ...cause.details, log: logPath },
      cause: error,
    },
  );
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
