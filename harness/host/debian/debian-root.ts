import { mkdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { RedoubtError } from '../../error.ts';
import { aptProxies, ensureDebianMirror } from './apt-mirror.ts';
import { cacheDirectory } from '../cache.ts';
import { runContained } from '../contained-command.ts';
import { interruption } from '../interruption.ts';
import { parsePackageStatus } from './package-status.ts';
import { ensureTools, requireRoot } from '../machine/prerequisites.ts';
import type { Progress } from '../progress.ts';
import { type DebianRecipe, rootCacheKey, sourceKey } from './root-recipe.ts';
import { systemError } from '../system-error.ts';

/** Written by the scripts below, in the folder of the work. */
const sourceVersionsFile = 'source-versions';

/** Suites whose Release file says when it ends being valid, and may be past it on a slow mirror. */
const datedSuites: ReadonlySet<string> = new Set(['forky', 'testing', 'sid', 'unstable']);

/**
 * Makes the root of a recipe in the folder `root` of `partial`, with mmdebstrap from the machine's own Debian mirror, with
 * signatures checked; returns its packages and their versions. Throws `infrastructure` that names the log.
 */
export async function makeDebianRoot(
  recipe: DebianRecipe,
  partial: string,
  progress: Progress,
): Promise<Readonly<Record<string, string>>> {
  const phase = `root ${recipe.name}`;
  requireRoot('making a distro root');
  await ensureTools(progress);
  progress(phase, `making it from ${recipe.suite} with mmdebstrap`);
  const root = join(partial, 'root');
  const logPath = join(cacheDirectory(), 'logs', `${rootCacheKey(recipe).replace('/', '-')}.log`);
  await mkdir(dirname(logPath), { recursive: true });
  await rm(logPath, { force: true });
  const work = join(partial, 'work');
  await mkdir(work);
  const mirror = await ensureDebianMirror(progress);
  await runContained({
    argv: [
      'mmdebstrap',
      ...(await mmdebstrapArguments(recipe, work)),
      recipe.suite,
      root,
      ...entries(recipe, mirror),
    ],
    logPath,
    env: { ...(await aptProxies()), TMPDIR: work },
  }).catch(async (error: unknown) => {
    if (interruption.aborted) throw error;
    throw await explain(error, recipe, partial, logPath);
  });
  const packages = {
    ...(await installedPackages(root)),
    ...(await listedVersions(join(work, 'debs', 'versions'))),
    ...sourcePackages(await listedVersions(join(work, sourceVersionsFile))),
  };
  await rm(work, { recursive: true });
  return packages;
}

/** The archive as mmdebstrap takes it: its address, or lines of sources.list where more than one suite's programs are wanted. */
function entries({ suite, sources = [], otherSuites = [] }: DebianRecipe, mirror: string): readonly string[] {
  if (sources.length + otherSuites.length === 0) return [mirror];
  const types = sources.length === 0 ? ['deb'] : ['deb', 'deb-src'];
  return [suite, ...otherSuites].flatMap((name) => types.map((type) => `${type} ${mirror} ${name} main`));
}

async function mmdebstrapArguments(recipe: DebianRecipe, work: string): Promise<readonly string[]> {
  const { packages, extracted = [], extractedPaths = [], sources = [], files = {} } = recipe;
  const debs = join(work, 'debs');
  const tree = join(work, 'files');
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), content);
  }
  if (extracted.length > 0) await mkdir(debs);
  const sourceVersions = join(work, sourceVersionsFile);
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
    ...(extracted.length > 0 ? [`--customize-hook=${extractScript(extracted, extractedPaths, debs)}`] : []),
    ...sources.map((name) => `--customize-hook=${sourceScript(name, sourceVersions)}`),
  ];
}

/** Run by mmdebstrap through sh with the root as `$1`, while the package lists are still there. */
function extractScript(packages: readonly string[], paths: readonly string[], debs: string): string {
  const unpack =
    paths.length === 0
      ? 'dpkg-deb --extract "$deb" "$1"'
      : `dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$1" --wildcards ${paths.map((path) => `'${path}'`).join(' ')}`;
  return [
    'set -e',
    `cd '${debs}'`,
    `APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get -o APT::Sandbox::User=root download ${packages.join(' ')}`,
    `for deb in *.deb; do ${unpack}; dpkg-deb --show --showformat='\${Package}\\t\${Version}\\n' "$deb"; done > versions`,
  ].join('\n');
}

/**
 * Run like the script above. apt has checked the digests of what it downloads; dpkg-source runs inside the root, since
 * the machine need not have it, and would look for a key of the uploader's there.
 */
function sourceScript(name: string, versions: string): string {
  return [
    'set -e',
    'mkdir -p "$1/usr/src/.source"',
    'cd "$1/usr/src/.source"',
    `APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get -o APT::Sandbox::User=root source --download-only ${name}`,
    `chroot "$1" sh -c 'cd /usr/src && dpkg-source --no-check --extract .source/*.dsc ${name}'`,
    `printf '%s\t%s\n' '${name}' "$(sed -n 's/^Version: //p' ./*.dsc | head -n 1)" >> '${versions}'`,
    'cd / && rm -r "$1/usr/src/.source"',
  ].join('\n');
}

async function installedPackages(root: string): Promise<Readonly<Record<string, string>>> {
  return parsePackageStatus(await readFile(join(root, 'var/lib/dpkg/status'), 'utf8'));
}

/** Names and versions that a script wrote; none when there was nothing to write. */
async function listedVersions(path: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n').filter((line) => line !== '');
  return Object.fromEntries(lines.map((line) => line.split('\t') as [string, string]));
}

function sourcePackages(versions: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(versions).map(([name, version]) => [sourceKey(name), version] as const),
  );
}

async function explain(
  error: unknown,
  recipe: DebianRecipe,
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
