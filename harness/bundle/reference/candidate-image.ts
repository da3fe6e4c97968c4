import { RedoubtError } from '../../error.ts';
import { composedImage } from '../../host/composition/composition-recipe.ts';
import { type ComputeImage, defaultComputeImage } from '../../host/compute-images.ts';
import { newestNpmServer } from '../../host/npm/npm-servers.ts';
import type { Progress } from '../../host/progress.ts';
import { ensureRoot } from '../../host/root.ts';

/** Whose libc and libicu a candidate bundle is to have; what is left out is the server's own. */
export interface CandidateParts {
  readonly libc: string | undefined;
  readonly icu: string | undefined;
}

/** A server with other libraries, and why it is not the usual one of its major; null where it is. */
export interface CandidateImage {
  readonly image: ComputeImage;
  readonly insteadOf: { readonly name: string; readonly why: string } | null;
}

/**
 * The server of a major with the libraries of other roots: the one that was asked for, else the default one, else, where
 * that does not run on the libc that is wanted, npm's. Throws `cannot-compose` (usage) when none of them does.
 */
export async function candidateImage(
  major: number,
  asked: ComputeImage | undefined,
  parts: CandidateParts,
  progress: Progress,
): Promise<CandidateImage> {
  const usual = (asked ?? defaultComputeImage(major)).name;
  const newest = newestNpmServer(major);
  try {
    return { image: await compose(usual, parts, progress), insteadOf: null };
  } catch (error) {
    const isMisfit = error instanceof RedoubtError && error.code === 'cannot-compose';
    const other = newest === undefined ? usual : `npm:${newest.serverVersion}`;
    if (!isMisfit || asked !== undefined || other === usual) throw error;
    return { image: await compose(other, parts, progress), insteadOf: { name: usual, why: error.message } };
  }
}

async function compose(
  server: string,
  { libc, icu }: CandidateParts,
  progress: Progress,
): Promise<ComputeImage> {
  const words = [
    `pg=${server}`,
    ...(libc === undefined ? [] : [`libc=${libc}`]),
    ...(icu === undefined ? [] : [`icu=${icu}`]),
  ].join(',');
  const image = await composedImage(words, progress);
  await ensureRoot(image.recipe, progress);
  return image;
}
