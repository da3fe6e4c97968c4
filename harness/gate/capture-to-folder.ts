import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { requireMajor } from '../bundle/majors.ts';
import { openBundle } from '../bundle/open.ts';
import { ensureReferenceBundle } from '../bundle/reference/ensure.ts';
import { RedoubtError } from '../error.ts';
import { openChrootHost } from '../host/chroot-host.ts';
import type { Progress } from '../host/progress.ts';
import { publishBeside } from '../host/publish-beside.ts';
import { computeRecipe } from '../host/compute-images.ts';
import { ensureRoot } from '../host/root.ts';
import { Tape } from '../redo/tape.ts';
import type { TapeManifest } from '../redo/tape-manifest.ts';
import type { CapturePlan } from './capture-plan.ts';
import { captureTape, workloadOf } from './tape-cache.ts';

export interface CaptureToFolderOptions {
  readonly majors: readonly number[];
  readonly out: string;
  /** Whose initdb makes the data directory; undefined: the reference bundle. */
  readonly bundle: string | undefined;
  readonly plan: CapturePlan;
  readonly progress: Progress;
  /** Everything opened is handed over to it. */
  readonly stack: AsyncDisposableStack;
}

/**
 * Captures the workload of one major into a new folder, whole or not at all.
 * @throws RedoubtError `out-exists` or `one-major` (usage), or what capturing throws.
 */
export async function captureToFolder(options: CaptureToFolderOptions): Promise<TapeManifest> {
  const { majors, plan, progress, stack } = options;
  const [major] = majors;
  if (major === undefined || majors.length > 1) {
    throw new RedoubtError('usage', 'one-major', '--pg takes one major: a tape belongs to one', {
      remedy: 'Capture each major into a folder of its own.',
    });
  }
  const out = resolve(options.out);
  if (existsSync(out))
    throw new RedoubtError('usage', 'out-exists', `${out} exists already`, {
      remedy: 'Name a new folder with --out.',
    });
  const bundle = await openBundle(options.bundle ?? (await ensureReferenceBundle(progress)).path, progress);
  const computeRoot = await ensureRoot(computeRecipe(major), progress);
  const initdbHost = stack.use(await openChrootHost(computeRoot.name, computeRoot.path, progress));
  await requireMajor(bundle, major, initdbHost);
  const workload = await workloadOf(plan);
  await publishBeside(out, async (partial) => {
    await mkdir(partial);
    await captureTape({ plan, major, computeRoot, bundle, initdbHost, progress }, workload, {
      capture: join(partial, 'capture'),
      tape: partial,
    });
  });
  return Tape.open(out).manifest;
}
