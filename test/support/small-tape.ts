import { openBundle, type Bundle } from '../../harness/bundle/open.ts';
import { ensureReferenceBundle } from '../../harness/bundle/reference/ensure.ts';
import { capturePlan } from '../../harness/gate/capture/capture-plan.ts';
import { ensureTape } from '../../harness/gate/capture/tape-cache.ts';
import { openChrootHost } from '../../harness/host/chroot/chroot-host.ts';
import { computeImage, defaultComputeImage } from '../../harness/host/compute-images.ts';
import { silent } from '../../harness/host/progress.ts';
import { ensureRoot } from '../../harness/host/root.ts';
import type { Tape } from '../../harness/redo/tape/tape.ts';

/** The reference bundle, built or from the cache, unpacked. */
export async function referenceBundle(): Promise<Bundle> {
  return openBundle((await ensureReferenceBundle(silent)).path, silent);
}

/** The tarball of a reference bundle with one major alone, of the server of that image. */
export async function bundleOfImage(image: string): Promise<string> {
  const server = computeImage(image);
  return (await ensureReferenceBundle(silent, [server.major], [server])).path;
}

/**
 * A tape of a small workload: without full-page writes (`records`), with them (`images`), or with each record judged alone
 * (`consistency`): a few hundred pages, most of them with
 * many records. The reference bundle's initdb makes its data directory, and the server of the named image, or the major's
 * default one, the rest.
 */
export async function smallTape(
  major: number,
  image?: string,
  kind: 'records' | 'images' | 'consistency' = 'records',
): Promise<Tape> {
  const { recipe } = image === undefined ? defaultComputeImage(major) : computeImage(image);
  const computeRoot = await ensureRoot(recipe, silent);
  await using initdbHost = await openChrootHost(computeRoot.name, computeRoot.path);
  const plan = { ...capturePlan(kind), label: 'small', scale: 'small' } as const;
  return ensureTape({
    plan,
    major,
    computeRoot,
    bundle: await referenceBundle(),
    initdbHost,
    progress: silent,
  });
}
