import { openBundle, type Bundle } from '../../harness/bundle/open.ts';
import { ensureReferenceBundle } from '../../harness/bundle/reference/ensure.ts';
import { capturePlan } from '../../harness/gate/capture-plan.ts';
import { ensureTape } from '../../harness/gate/tape-cache.ts';
import { openChrootHost } from '../../harness/host/chroot-host.ts';
import { silent } from '../../harness/host/progress.ts';
import { computeRecipe } from '../../harness/host/compute-images.ts';
import { ensureRoot } from '../../harness/host/root.ts';
import type { Tape } from '../../harness/redo/tape.ts';

/** The reference bundle, built or from the cache, unpacked. */
export async function referenceBundle(): Promise<Bundle> {
  return openBundle((await ensureReferenceBundle(silent)).path, silent);
}

/** A tape of the small workload without full-page writes: a few hundred pages, most of them with many records. */
export async function smallTape(major: number): Promise<Tape> {
  const computeRoot = await ensureRoot(computeRecipe(major), silent);
  await using initdbHost = await openChrootHost(computeRoot.name, computeRoot.path);
  const plan = { ...capturePlan('records'), label: 'small', scale: 'small' } as const;
  return ensureTape({
    plan,
    major,
    computeRoot,
    bundle: await referenceBundle(),
    initdbHost,
    progress: silent,
  });
}
