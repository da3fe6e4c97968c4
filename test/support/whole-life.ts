import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { launchWalredo } from '../../harness/bundle/launch-walredo.ts';
import type { Bundle } from '../../harness/bundle/open.ts';
import { wholeLifePlan } from '../../harness/gate/capture-plan.ts';
import { ensureTape } from '../../harness/gate/tape-cache.ts';
import { openChrootHost } from '../../harness/host/chroot-host.ts';
import { defaultComputeImage } from '../../harness/host/compute-images.ts';
import type { Host } from '../../harness/host/engine.ts';
import { silent } from '../../harness/host/progress.ts';
import { ensureRoot } from '../../harness/host/root.ts';
import { replay, type AnswerRun } from '../../harness/redo/replay.ts';
import type { Tape } from '../../harness/redo/tape.ts';
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

/** A bundle's answers to a tape, in the new folder `directory`. */
export async function replayed(
  bundle: Bundle,
  host: Host,
  tape: Tape,
  directory: string,
): Promise<readonly AnswerRun[]> {
  const inout = join(directory, 'inout');
  await mkdir(directory);
  const { runs } = await replay({
    host,
    launch: await launchWalredo(bundle, tape.manifest.major, inout),
    requestsPath: tape.requestsPath,
    index: tape.index,
    directory,
  });
  return runs;
}
