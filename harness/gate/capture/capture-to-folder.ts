import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { requireMajor } from '../../bundle/majors.ts';
import { openBundle } from '../../bundle/open.ts';
import type { Workload } from '../../compute/workload.ts';
import { openChrootHost } from '../../host/chroot/chroot-host.ts';
import type { ComputeImage } from '../../host/compute-images.ts';
import type { Progress } from '../../host/progress.ts';
import { publishBeside } from '../../host/publish-beside.ts';
import { ensureRoot } from '../../host/root.ts';
import { Tape } from '../../redo/tape/tape.ts';
import type { TapeManifest } from '../../redo/tape/tape-manifest.ts';
import type { CapturePlan } from './capture-plan.ts';
import { newFolder } from '../new-folder.ts';
import { openReferenceBundle } from '../inputs/reference-bundle.ts';
import { captureTape, workloadOf } from './tape-cache.ts';

export interface CaptureToFolderOptions {
  readonly image: ComputeImage;
  readonly out: string;
  /** Whose initdb makes the data directory; undefined: the reference bundle. */
  readonly bundle: string | undefined;
  readonly plan: CapturePlan;
  /** Somebody's own statements; undefined: the plan's. */
  readonly workload: Workload | undefined;
  readonly progress: Progress;
  /** Everything opened is handed over to it. */
  readonly stack: AsyncDisposableStack;
}

/**
 * Captures a workload on one compute image into a new folder, whole or not at all.
 * @throws RedoubtError `out-exists` (usage), or what capturing throws.
 */
export async function captureToFolder(options: CaptureToFolderOptions): Promise<TapeManifest> {
  const { image, plan, progress, stack } = options;
  const { major } = image;
  const out = newFolder(options.out);
  const workload = options.workload ?? (await workloadOf(plan));
  const bundle =
    options.bundle === undefined
      ? await openReferenceBundle(major, progress)
      : await openBundle(options.bundle, progress);
  const computeRoot = await ensureRoot(image.recipe, progress);
  const initdbHost = stack.use(await openChrootHost(computeRoot.name, computeRoot.path, progress));
  await requireMajor(bundle, major, initdbHost);
  await publishBeside(out, async (partial) => {
    await mkdir(partial);
    await captureTape({ plan, major, computeRoot, bundle, initdbHost, progress }, workload, {
      capture: join(partial, 'capture'),
      tape: partial,
    });
  });
  return Tape.open(out).manifest;
}
