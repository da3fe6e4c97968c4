import { openBundle, type Bundle } from '../harness/bundle/open.ts';
import { ensureReferenceBundle } from '../harness/bundle/reference/ensure.ts';
import { capturePlan } from '../harness/gate/capture/capture-plan.ts';
import { ensureTape } from '../harness/gate/capture/tape-cache.ts';
import { openChrootHost } from '../harness/host/chroot/chroot-host.ts';
import { computeRecipe } from '../harness/host/compute-images.ts';
import type { Host } from '../harness/host/engine.ts';
import { silent } from '../harness/host/progress.ts';
import { hostRecipe } from '../harness/host/debian/recipes.ts';
import { ensureRoot } from '../harness/host/root.ts';
import type { Tape } from '../harness/redo/tape/tape.ts';

export const major = 17;
export const hostName = 'debian:12';

/** What is measured with: the reference bundle, the gate's largest tape, a host, a compute image. */
export interface BenchInputs {
  readonly bundle: Bundle;
  readonly tape: Tape;
  readonly host: Host;
  readonly compute: Host;
  /** Is removed at the end. */
  readonly scratch: string;
}

/** Makes what is not in the cache yet. */
export async function openBenchInputs(scratch: string): Promise<BenchInputs> {
  const computeRoot = await ensureRoot(computeRecipe(major), silent);
  const hostRoot = await ensureRoot(hostRecipe(hostName), silent);
  const compute = await openChrootHost(computeRoot.name, computeRoot.path);
  const host = await openChrootHost(hostRoot.name, hostRoot.path);
  const bundle = await openBundle((await ensureReferenceBundle(silent)).path, silent);
  const tape = await ensureTape({
    plan: capturePlan('records'),
    major,
    computeRoot,
    bundle,
    initdbHost: host,
    progress: silent,
  });
  return { bundle, tape, host, compute, scratch };
}
