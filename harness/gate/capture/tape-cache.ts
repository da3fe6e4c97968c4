import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { Bundle } from '../../bundle/open.ts';
import { captureWorkload } from '../../compute/capture.ts';
import { loadWorkload, type Workload } from '../../compute/workload.ts';
import { publish } from '../../host/cache.ts';
import { openChrootHost } from '../../host/chroot/chroot-host.ts';
import type { Host } from '../../host/engine.ts';
import type { Progress } from '../../host/progress.ts';
import type { Root } from '../../host/root.ts';
import { Tape } from '../../redo/tape/tape.ts';
import { makeDataDirectory } from '../initdb/bundle-initdb.ts';
import type { CapturePlan } from './capture-plan.ts';
import { tapeOfCapture } from './capture-tape.ts';

/** Raised whenever the same inputs make another tape. */
export const captureVersion = 5;

const tapeFolder = 'tape';
const workloadsDirectory = join(import.meta.dirname, '../../../corpora/workloads');

export interface TapeOptions {
  readonly plan: CapturePlan;
  readonly major: number;
  readonly computeRoot: Root;
  /** Its initdb makes the data directory, on `initdbHost`. */
  readonly bundle: Bundle;
  readonly initdbHost: Host;
  readonly progress: Progress;
}

/** The workload of a plan, read and checked. */
export async function workloadOf({ workload, scale, own }: CapturePlan): Promise<Workload> {
  return own ?? loadWorkload(join(workloadsDirectory, workload), scale);
}

/** The tape of a capture: from the cache when the same image, bundle and workload made it before, else captured now. */
export async function ensureTape(options: TapeOptions): Promise<Tape> {
  const { major, computeRoot, bundle, initdbHost } = options;
  const workload = await workloadOf(options.plan);
  const { own: _, ...plan } = options.plan;
  // A bundle without a userland of its own makes other data directories on other hosts.
  const hostPart = bundle.layout === 'chroot' ? null : initdbHost.name;
  const parts = [
    captureVersion,
    major,
    plan,
    computeRoot.key,
    computeRoot.packages,
    bundle.digest,
    hostPart,
    workload.digest,
  ];
  const key = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
  const directory = await publish(
    `tapes/pg${String(major)}-${plan.label}-${key}`,
    (partial) =>
      captureTape(options, workload, { capture: join(partial, 'capture'), tape: join(partial, tapeFolder) }),
    () => {
      options.progress(`tape ${String(major)} ${plan.label}`, 'waiting for another run that makes it');
    },
  );
  return Tape.open(join(directory, tapeFolder));
}

/** Captures the workload in the folder `capture`, which does not stay, and leaves its tape in the folder `tape`. */
export async function captureTape(
  options: TapeOptions,
  workload: Workload,
  folders: { readonly capture: string; readonly tape: string },
): Promise<void> {
  const { plan, major, computeRoot, bundle, initdbHost, progress } = options;
  await using compute = await openChrootHost(computeRoot.name, computeRoot.path);
  const capture = await captureWorkload({
    host: compute,
    major,
    makeDataDirectory: (target) => makeDataDirectory(bundle, major, initdbHost, target, plan.checksums),
    workload,
    wal: plan.wal,
    directory: folders.capture,
    isWholeLife: plan.isWholeLife === true,
    progress,
  });
  progress(`tape ${String(major)} ${plan.label}`, 'splitting the WAL by page');
  await tapeOfCapture(capture, folders.tape);
  await rm(capture.directory, { recursive: true });
}
