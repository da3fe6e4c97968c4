import { openBundle, type Bundle } from '../../bundle/open.ts';
import { ensureReferenceBundle } from '../../bundle/reference/ensure.ts';
import type { Progress } from '../../host/progress.ts';
import { referenceBundleMajors } from './compute-image.ts';

/** The reference bundle, opened: the one that a gate takes by itself, or one of `major` alone where that lacks it. */
export async function openReferenceBundle(major: number, progress: Progress): Promise<Bundle> {
  const { path } = await ensureReferenceBundle(progress, referenceBundleMajors([major]));
  return openBundle(path, progress);
}
