import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { publish } from '../../host/cache.ts';
import type { ComputeImage } from '../../host/compute-images.ts';
import type { Progress } from '../../host/progress.ts';
import { buildReferenceBundle, type BuiltBundle, referenceMajors, referenceRoots } from './build.ts';
import { bundleRecipeVersion } from './manifest.ts';
import { digestFolders, nativeSourceDirectory } from './native-source.ts';

const tarballName = 'reference.tar.zst';
const digestName = 'sha256';

/**
 * The reference bundle of this checkout: built once, kept in the cache by what it is made of (sources, and the exact
 * packages of its roots). `images` are the servers to take instead of the default ones. Safe when several runs want it.
 */
export async function ensureReferenceBundle(
  progress: Progress,
  majors: readonly number[] = referenceMajors,
  images: readonly ComputeImage[] = [],
): Promise<BuiltBundle> {
  const directory = await publish(
    `reference/${await recipeKey(majors, images, progress)}`,
    async (partial) => {
      const { digest } = await buildReferenceBundle({
        majors,
        images,
        out: join(partial, tarballName),
        progress,
      });
      await writeFile(join(partial, digestName), digest);
    },
    () => progress('reference bundle', 'waiting for another run that builds it'),
  );
  return {
    path: join(directory, tarballName),
    digest: await readFile(join(directory, digestName), 'utf8'),
    majors,
  };
}

async function recipeKey(
  majors: readonly number[],
  images: readonly ComputeImage[],
  progress: Progress,
): Promise<string> {
  const roots = await referenceRoots(majors, images, progress);
  const parts = [
    bundleRecipeVersion,
    await digestFolders([nativeSourceDirectory, import.meta.dirname]),
    ...roots.map(({ major, compute, build }) => [
      major,
      compute.packages,
      build.packages,
      // Libraries of other roots are among no packages.
      ...(compute.composition === undefined ? [] : [compute.key]),
    ]),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
}
