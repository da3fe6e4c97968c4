import { type CollationEnvironment, rootEnvironment, treeEnvironment } from '../../collation/environment.ts';
import { RedoubtError } from '../../error.ts';
import { noLibraries } from '../../host/composition/bundle-tree.ts';
import { libraryFolders } from '../../host/composition/library-folders.ts';
import { composedImage, isComposition } from '../../host/composition/composition-recipe.ts';
import { computeImages, namedComputeImage } from '../../host/compute-images.ts';
import { databaseHostRecipe } from '../../host/database-host.ts';
import { openNamedRoot } from '../../host/named-root.ts';
import type { Progress } from '../../host/progress.ts';
import { hostNames } from '../../host/debian/recipes.ts';
import { ensureRoot } from '../../host/root.ts';
import { givenBundle } from './given-bundle.ts';
import type { RootRecipe } from '../../host/debian/root-recipe.ts';

/**
 * What `--from` and `--to` name: a distro (`debian:11`: with its own server and libicu), a compute image (`npm:17.10`), a
 * composition (`pg=npm:17,libc=debian:12,icu=debian:13`), an image of the Docker daemon (`image:REFERENCE`, or a distro that comes
 * as one), a bundle, or a root (folder, tarball, docker save, OCI archive or layout). `major` chooses among the libraries of a
 * bundle. Throws `usage` for what is none of them, `image-absent` (infrastructure) for an image that cannot be had.
 */
export async function driftEnvironment(
  name: string,
  major: number | undefined,
  progress: Progress,
): Promise<CollationEnvironment> {
  const recipe = isComposition(name) ? (await composedImage(name, progress)).recipe : recipeOf(name);
  if (recipe !== undefined) return rootEnvironment(name, (await ensureRoot(recipe, progress)).path);
  const bundle = await givenBundle(name, progress).catch((error: unknown) => {
    if (error instanceof RedoubtError && error.code === 'no-such-bundle')
      throw unknownEnvironment(name, error);
    throw error;
  });
  if (bundle === undefined) return rootEnvironment(name, (await openNamedRoot(name, progress)).path);
  if (bundle.layout !== 'chroot') throw leansOnItsHost(name, bundle.layout);
  const folders = await libraryFolders(bundle.directory, major);
  if (folders !== undefined) return treeEnvironment(name, bundle.directory, folders);
  return rootEnvironment(name, bundle.directory).catch((error: unknown) => {
    const isMissing = error instanceof RedoubtError && error.code === 'no-libc' && major !== undefined;
    throw isMissing ? noLibraries(name, major) : error;
  });
}

function recipeOf(name: string): RootRecipe | undefined {
  return (
    namedComputeImage(name)?.recipe ?? (hostNames().includes(name) ? databaseHostRecipe(name) : undefined)
  );
}

function leansOnItsHost(name: string, layout: string): RedoubtError {
  return new RedoubtError(
    'usage',
    'no-libraries',
    `the bundle ${name} is of the layout ${layout}: it has no C library of its own that could be asked`,
    {
      remedy:
        layout === 'pg-install'
          ? `Say on which host: pg=npm:17,libc=debian:12,icu=${name}.`
          : 'Name the host on which it runs instead.',
      details: { name, layout },
    },
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
        .join(
          ', ',
        )}. Or give a composition (pg=npm:17,libc=debian:12,icu=debian:13), an image of the Docker daemon (image:${name}), or the path of a bundle or a root.`,
      details: { name },
      cause,
    },
  );
}
