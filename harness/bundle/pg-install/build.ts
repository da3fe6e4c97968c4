import { join, posix } from 'node:path';

import { RedoubtError } from '../../error.ts';
import { openChrootHost } from '../../host/chroot/chroot-host.ts';
import { type ComputeImage, computeImage } from '../../host/compute-images.ts';
import { newestNpmServer } from '../../host/npm/npm-servers.ts';
import { npmServerDirectory } from '../../host/npm/npm-server-root.ts';
import type { Progress } from '../../host/progress.ts';
import { publishBeside } from '../../host/publish-beside.ts';
import { temporaryDirectory } from '../../host/run-directory.ts';
import { systemError } from '../../host/system-error.ts';
import { type BuildOptions, type BuiltBundle, type MajorRoots, referenceRoots } from '../reference/build.ts';
import { compileNative } from '../reference/compile-native.ts';
import { takeFolder } from '../reference/root-files.ts';
import { writeTarball } from '../reference/tarball.ts';
import type { TreeEntry } from '../reference/tree-entry.ts';

const phase = 'pg-install bundle';

/**
 * Builds a bundle of the layout that came before the RFC: `vNN/bin`, `vNN/lib`, `vNN/share` of npm's servers as their
 * packages have them, with our walredo. libc, locales and all else that the packages do not bring are the host's. The
 * same packages give the same bytes. Throws `usage`: `no-majors`, `no-pg-install`; `infrastructure` when roots or compiler
 * fail; nothing half-written stays at `out`.
 */
export async function buildPgInstall(options: BuildOptions): Promise<BuiltBundle> {
  const { out, progress, images = [] } = options;
  const majors = [...new Set(options.majors)].toSorted((a, b) => a - b);
  if (majors.length === 0) {
    throw new RedoubtError('usage', 'no-majors', 'a bundle needs at least one major');
  }
  const servers = majors.map((major) => relocatableImage(major, images));
  const roots = await referenceRoots(majors, servers, progress);
  await using work = await temporaryDirectory('building a pg-install bundle');
  const entries = await Promise.all(roots.map((major) => majorEntries(major, work.path, progress))).catch(
    (error: unknown) => {
      throw systemError('cannot build the pg-install bundle', error);
    },
  );
  progress(phase, 'writing the tarball');
  const digest = await publishBeside(out, (partial) => writeTarball(entries.flat(), partial));
  return { path: out, digest, majors };
}

/** Debian's servers have the places of their share files compiled in; npm's are found beside the program. */
function relocatableImage(major: number, images: readonly ComputeImage[]): ComputeImage {
  const asked = images.find((image) => image.major === major);
  const newest = newestNpmServer(major);
  const image = asked ?? (newest && computeImage(`npm:${String(major)}`));
  if (image?.recipe.kind === 'npm-server') return image;
  throw new RedoubtError(
    'usage',
    'no-pg-install',
    image === undefined
      ? `there is no server of ${String(major)} that can be put into a pg-install bundle`
      : `the server of ${image.name} finds its share files at one place only, so that it makes no pg-install bundle`,
    { remedy: 'Take one of npm, as in --compute npm:17.' },
  );
}

async function majorEntries(
  { major, compute, build }: MajorRoots,
  workDirectory: string,
  progress: Progress,
): Promise<readonly TreeEntry[]> {
  progress(phase, `compiling walredo for ${String(major)}`);
  await using host = await openChrootHost(build.name, build.path, progress);
  const native = await compileNative({
    major,
    host,
    workDirectory: join(workDirectory, String(major)),
    isPgInstall: true,
  });
  const installation = npmServerDirectory(major);
  const base = `v${String(major)}`;
  const taken = await Promise.all(
    ['bin', 'lib', 'share'].map((name) =>
      takeFolder(compute.path, `${installation}/${name}`, `${base}/${name}`),
    ),
  );
  return [
    ...taken.flat().map((entry) => withPlaceForOurs(entry, base)),
    program(`${base}/bin/postgres`, native.postgres),
    program(`${base}/lib/postgresql/redoubt_walredo.so`, native.module),
  ];
}

/** The server goes where our `postgres`, which starts it, looks for it. */
function withPlaceForOurs(entry: TreeEntry, base: string): TreeEntry {
  return entry.path === `${base}/bin/postgres`
    ? { ...entry, path: posix.join(base, 'bin/postgres-server') }
    : entry;
}

function program(path: string, source: string): TreeEntry {
  return { kind: 'file', path, source: { kind: 'path', path: source }, executable: true };
}
