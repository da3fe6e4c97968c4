import { wholeLifePlan } from '../../harness/gate/capture/capture-plan.ts';
import { ensureTape } from '../../harness/gate/capture/tape-cache.ts';
import { openChrootHost } from '../../harness/host/chroot/chroot-host.ts';
import { defaultComputeImage } from '../../harness/host/compute-images.ts';
import { silent } from '../../harness/host/progress.ts';
import { ensureRoot } from '../../harness/host/root.ts';
import type { Tape } from '../../harness/redo/tape/tape.ts';
import { referenceBundle } from './small-tape.ts';

/** The tape of which the gate makes its data directory: the same, so that it is made once. */
export async function wholeLifeTape(major: number): Promise<Tape> {
  const computeRoot = await ensureRoot(defaultComputeImage(major).recipe, silent);
  await using initdbHost = await openChrootHost(computeRoot.name, computeRoot.path);
  return ensureTape({
    plan: wholeLifePlan,
    major,
    computeRoot,
    bundle: await referenceBundle(),
    initdbHost,
    progress: silent,
  });
}
