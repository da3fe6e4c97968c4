import { openChrootHost } from '../../host/chroot/chroot-host.ts';
import { computeRecipe } from '../../host/compute-images.ts';
import type { Progress } from '../../host/progress.ts';
import { ensureRoot } from '../../host/root.ts';
import type { Tape } from '../../redo/tape/tape.ts';
import { capturePlans } from './capture-plan.ts';
import { openReferenceBundle } from '../inputs/reference-bundle.ts';
import { ensureTape } from './tape-cache.ts';

/** The tapes that the gate has of one major by default: from the cache, or captured now. */
export async function capturedTapes(major: number, progress: Progress): Promise<readonly Tape[]> {
  const bundle = await openReferenceBundle(major, progress);
  const computeRoot = await ensureRoot(computeRecipe(major), progress);
  await using initdbHost = await openChrootHost(computeRoot.name, computeRoot.path, progress);
  const tapes: Tape[] = [];
  for (const plan of capturePlans)
    tapes.push(await ensureTape({ plan, major, computeRoot, bundle, initdbHost, progress }));
  return tapes;
}
