import { recogniseLayout } from '../../bundle/layout.ts';
import { type Bundle, openBundle } from '../../bundle/open.ts';
import { RedoubtError } from '../../error.ts';
import { unpackedRoot } from '../../host/archive-root.ts';
import { catalogueReference, imageReference } from '../../host/named-root.ts';
import type { Progress } from '../../host/progress.ts';

/**
 * The bundle that a word names; undefined where it names a root or an image. Throws `no-such-bundle` (usage) where there is
 * nothing of that name, and `infrastructure` as opening does.
 */
export async function givenBundle(word: string, progress: Progress): Promise<Bundle | undefined> {
  if (imageReference(word) !== undefined || catalogueReference(word) !== undefined) return undefined;
  // Whether an archive is a bundle shows only inside: one that is known to be a root is not unpacked again to see that.
  const root = await unpackedRoot(word);
  const isRoot = root !== undefined && !(await isBundle(root));
  if (isRoot) return undefined;
  return openBundle(word, progress).catch((error: unknown) => {
    if (isUsage(error) && error.code !== 'no-such-bundle') return undefined;
    throw error;
  });
}

async function isBundle(directory: string): Promise<boolean> {
  return recogniseLayout(directory, directory).then(
    () => true,
    () => false,
  );
}

function isUsage(error: unknown): error is RedoubtError {
  return error instanceof RedoubtError && error.kind === 'usage';
}
