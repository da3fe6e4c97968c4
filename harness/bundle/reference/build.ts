import { join } from 'node:path';

import { RedoubtError } from '../../error.ts';
import { openChrootHost } from '../../host/chroot/chroot-host.ts';
import type { Progress } from '../../host/progress.ts';
import { publishBeside } from '../../host/publish-beside.ts';
import { type ComputeImage, computeRecipe } from '../../host/compute-images.ts';
import { buildRecipe } from '../../host/debian/recipes.ts';
import { ensureRoots, type Root } from '../../host/root.ts';
import type { RootRecipe } from '../../host/debian/root-recipe.ts';
import { temporaryDirectory } from '../../host/run-directory.ts';
import { systemError } from '../../host/system-error.ts';
import { compileNative, type NativeParts } from './compile-native.ts';
import { headersMajor } from './headers.ts';
import { majorTree, type MajorTree } from './major-tree.ts';
import { manifestPath, manifestText } from './manifest.ts';
import { takeFile } from './root-files.ts';
import { serverFiles, type ServerFiles } from './server-files.ts';
import { writeTarball } from './tarball.ts';
import { textFile, type TreeEntry } from './tree-entry.ts';

/** The majors of the reference bundle: all that are supported; of 14 and 16 see headers.ts. */
export const referenceMajors: readonly number[] = [14, 15, 16, 17, 18];

const phase = 'reference bundle';

/** uid and gid 65534 are the harness's; root is for a bundle that is tried by hand. */
const accounts = [
  textFile('etc/passwd', 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n'),
  textFile('etc/group', 'root:x:0:\nnogroup:x:65534:\n'),
  textFile('etc/nsswitch.conf', 'passwd: files\ngroup: files\n'),
];

export interface BuildOptions {
  readonly majors: readonly number[];
  /** Images whose servers go in for the majors that they have; for the others the default image of the major. */
  readonly images?: readonly ComputeImage[];
  /** The tarball: `.tar.zst`, or `.tar.gz`. */
  readonly out: string;
  readonly progress: Progress;
}

export interface BuiltBundle {
  /** The tarball. */
  readonly path: string;
  /** SHA-256 of the tarball. */
  readonly digest: string;
  readonly majors: readonly number[];
}

/** What a bundle is made of: for each major, where its files come from and where they are compiled and patched. */
export interface MajorRoots {
  readonly major: number;
  readonly compute: Root;
  readonly server: ServerFiles;
  readonly build: Root;
}

/** The recipes of all roots that a reference bundle of these majors is made from. */
export function referenceRecipes(
  majors: readonly number[],
  images: readonly ComputeImage[] = [],
): readonly RootRecipe[] {
  return majors.flatMap((major) => [serverRecipe(major, images), buildRecipe(headersMajor(major))]);
}

function serverRecipe(major: number, images: readonly ComputeImage[]): RootRecipe {
  return images.find((image) => image.major === major)?.recipe ?? computeRecipe(major);
}

/** The roots of a reference bundle's majors, made when they are missing. */
export async function referenceRoots(
  majors: readonly number[],
  images: readonly ComputeImage[],
  progress: Progress,
): Promise<readonly MajorRoots[]> {
  const roots = await ensureRoots(referenceRecipes(majors, images), progress);
  return majors.map((major, index) => {
    const compute = roots[2 * index];
    const build = roots[2 * index + 1];
    if (compute === undefined || build === undefined) {
      throw new RedoubtError('infrastructure', 'root-missing', `the roots of major ${major} were not made`);
    }
    return { major, compute, server: serverFiles(serverRecipe(major, images), major), build };
  });
}

/**
 * Builds the reference bundle, variant 2 of the RFC: `LAUNCHER`, an opaque tree, `/inout` for what initdb writes. The
 * same packages give the same bytes. Throws `usage` for a major of which there is no server, `infrastructure` when roots
 * or compiler fail; nothing half-written stays at `out`.
 */
export async function buildReferenceBundle(options: BuildOptions): Promise<BuiltBundle> {
  const { out, progress, images = [] } = options;
  const majors = [...new Set(options.majors)].toSorted((a, b) => a - b);
  if (majors.length === 0) {
    throw new RedoubtError('usage', 'no-majors', 'a bundle needs at least one major');
  }
  const roots = await referenceRoots(majors, images, progress);
  await using work = await temporaryDirectory('building the reference bundle');
  const entries = await bundleEntries(roots, work.path, progress).catch((error: unknown) => {
    throw systemError('cannot build the reference bundle', error);
  });

  progress(phase, 'writing the tarball');
  const digest = await publishBeside(out, (partial) => writeTarball(entries, partial));
  return { path: out, digest, majors };
}

async function bundleEntries(
  roots: readonly MajorRoots[],
  workDirectory: string,
  progress: Progress,
): Promise<readonly TreeEntry[]> {
  const parts = await Promise.all(roots.map((major) => majorParts(major, workDirectory, progress)));
  const [first] = parts;
  const [firstRoots] = roots;
  if (first === undefined || firstRoots === undefined) return [];
  return [
    {
      kind: 'file',
      path: 'LAUNCHER',
      source: { kind: 'path', path: first.native.launcher },
      executable: true,
    },
    // What initdb runs through popen(3) needs a shell; this one is static and of no major.
    { ...(await takeFile(firstRoots.build.path, '/bin/busybox', 'storage/busybox')) },
    { kind: 'symlink', path: 'bin/sh', target: '../storage/busybox' },
    { kind: 'directory', path: 'inout' },
    ...accounts,
    textFile(manifestPath, await manifestText(roots, parts)),
    ...parts.flatMap(({ tree }) => tree.entries),
  ];
}

interface MajorParts {
  readonly native: NativeParts;
  readonly tree: MajorTree;
}

async function majorParts(
  { major, compute, server, build }: MajorRoots,
  workDirectory: string,
  progress: Progress,
): Promise<MajorParts> {
  progress(phase, `compiling walredo for ${major}`);
  await using host = await openChrootHost(build.name, build.path, progress);
  const native = await compileNative({ major, host, workDirectory: join(workDirectory, `native-${major}`) });
  progress(phase, `collecting the server and libraries of ${major}`);
  const tree = await majorTree({
    major,
    root: compute.path,
    server,
    native,
    host,
    workDirectory: join(workDirectory, `patched-${major}`),
  });
  return { native, tree };
}
