import { RedoubtError } from '../error.ts';
import { type GivenRoot, openGivenRoot } from './archive-root.ts';
import { ensureImageRoot } from './docker/image-root.ts';
import { catalogueHost } from './host-catalogue.ts';
import type { Progress } from './progress.ts';

/** The reference of a word that names an image of the machine's Docker daemon: `image:REFERENCE`; undefined for other words. */
export function imageReference(word: string): string | undefined {
  return /^image:(.+)$/.exec(word)?.[1];
}

/** The reference of a host of the catalogue that comes as an image; undefined for other names. */
export function catalogueReference(name: string): string | undefined {
  const source = catalogueHost(name)?.source;
  return source?.kind === 'image' ? source.reference : undefined;
}

/**
 * A root by the word that names it: `image:REFERENCE`, a host of the catalogue that comes as an image (`ubuntu:24.04`), or the
 * path of a folder, an archive or a layout. Throws `image-absent` (infrastructure) for an image that cannot be had, and what
 * {@link openGivenRoot} throws.
 */
export async function openNamedRoot(word: string, progress: Progress): Promise<GivenRoot> {
  const reference = imageReference(word) ?? catalogueReference(word);
  if (reference === undefined) return openGivenRoot(word, progress);
  const image = await ensureImageRoot(reference, 'required', progress);
  if (typeof image === 'string')
    throw new RedoubtError('infrastructure', 'image-absent', `${word} cannot be had here: ${image}`, {
      remedy:
        'See that the daemon has it (docker images), or give its archive instead (docker save, an OCI archive or layout).',
      details: { image: word, reason: image },
    });
  const { imageId, ...root } = image;
  return { ...root, source: word, digest: imageId.slice('sha256:'.length) };
}
