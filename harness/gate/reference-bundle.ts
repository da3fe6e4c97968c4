import { openBundle, type Bundle } from '../bundle/open.ts';
import { referenceMajors } from '../bundle/reference/build.ts';
import { ensureReferenceBundle } from '../bundle/reference/ensure.ts';
import type { Progress } from '../host/progress.ts';

/** The reference bundle, opened: the one that a gate takes by itself, or one of `major` alone where that lacks it. */
export async function openReferenceBundle(major: number, progress: Progress): Promise<Bundle> {
  const majors = referenceMajors.includes(major) ? referenceMajors : [major];
  return openBundle((await ensureReferenceBundle(progress, majors)).path, progress);
}
