import { lstat } from 'node:fs/promises';
import { join } from 'node:path';

import { findServers } from '../../compute/server-program.ts';
import { RedoubtError } from '../../error.ts';
import { composedImage, isComposition, splitNames } from '../../host/composition/composition-recipe.ts';
import { openChrootHost } from '../../host/chroot/chroot-host.ts';
import type { ComputeImage } from '../../host/compute-images.ts';
import { ensureHostRoot, type HostRoot } from '../../host/host-root.ts';
import type { Progress } from '../../host/progress.ts';
import { resolveInRoot } from '../../host/resolve-in-root.ts';

/** Where Neon's builds keep the module that makes their WAL theirs; `%` stands for the major. */
const neonModules = [
  'usr/local/lib/neon.so',
  'usr/local/pgsql/lib/neon.so',
  'usr/lib/postgresql/%/lib/neon.so',
];

/**
 * The compute images among the words of `--compute` that are given as `NAME=ARCHIVE` or `NAME=image:REFERENCE`, one for
 * each major that their servers have, and the compositions (`pg=npm:17,libc=debian:12,icu=debian:13`). Throws `no-server-program`, `compute-flavour` and what opening a root throws.
 */
export async function openGivenCompute(
  typed: string | undefined,
  progress: Progress,
): Promise<readonly ComputeImage[]> {
  const words = splitNames(typed ?? '');
  const given = words
    .filter((word) => !isComposition(word))
    .flatMap((word): readonly (readonly [string, string])[] => {
      const [, name = '', archive = ''] = /^\s*([a-z0-9][a-z0-9:._-]*)=(.+?)\s*$/s.exec(word) ?? [];
      return name === '' ? [] : [[name, archive]];
    });
  const images: ComputeImage[] = [];
  for (const word of words.filter(isComposition)) images.push(await composedImage(word, progress));
  for (const [name, archive] of given) {
    const outcome = await ensureHostRoot({ name, archive, isRequired: true }, progress);
    if (outcome.kind === 'root') images.push(...(await imagesOf(outcome.root)));
  }
  return images;
}

async function imagesOf(root: HostRoot): Promise<readonly ComputeImage[]> {
  const { name, path, packages } = root;
  const key = root.key ?? path;
  await using host = await openChrootHost(name, path);
  const servers = await findServers(host);
  if (servers.size === 0) {
    throw new RedoubtError(
      'usage',
      'no-server-program',
      `the compute image ${name} has no PostgreSQL server where distributions put one`,
      { remedy: 'Give an image with a server: Debian, docker-library, RHEL or Neon layouts are known.' },
    );
  }
  for (const major of servers.keys()) await requireVanilla(root, major);
  return [...servers.keys()].map((major) => ({
    name,
    major,
    recipe: { kind: 'given', name, path, key, packages },
  }));
}

/** The WAL of other builds has records that nothing here can split, and pages that vanilla redo would spoil. */
async function requireVanilla({ name, path }: HostRoot, major: number): Promise<void> {
  for (const pattern of neonModules) {
    const module = pattern.replace('%', String(major));
    const found = await lstat(join(path, await resolveInRoot(path, module))).catch(() => undefined);
    if (found === undefined) continue;
    throw new RedoubtError(
      'usage',
      'compute-flavour',
      `the compute image ${name} has Neon's build of PostgreSQL ${String(major)} (/${module}): its WAL is of another flavour than vanilla, and cannot be captured`,
      { remedy: 'Give an image with a vanilla server.', details: { module: `/${module}` } },
    );
  }
}
