import { join } from 'node:path';

import { captureWorkload, type Capture, type CaptureOptions } from '../../harness/compute/capture.ts';
import { DataDirectoryPages } from '../../harness/compute/data-directory.ts';
import type { WalRange } from '../../harness/compute/wal-files.ts';
import { recordsOnly } from '../../harness/compute/wal-settings.ts';
import { loadWorkload } from '../../harness/compute/workload.ts';
import type { Host } from '../../harness/host/engine.ts';
import { silent } from '../../harness/host/progress.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { openComputeImage, ownInitdb } from '../support/compute-image.ts';

/** The gate's workload in its small size, without full-page writes, into `directory`. */
export async function smallCapture(host: Host, major: number, directory: string): Promise<CaptureOptions> {
  return {
    host,
    major,
    workload: await loadWorkload(join(import.meta.dirname, '../../corpora/workloads/collation'), 'small'),
    directory,
    wal: recordsOnly,
    progress: silent,
    makeDataDirectory: (target) => ownInitdb(host, major, target),
  };
}

/** A small capture, the image that made it and a folder of scratch, for as long as a group of tests needs them. */
export interface MadeCapture extends AsyncDisposable {
  readonly host: Host;
  readonly directory: string;
  readonly capture: Capture;
}

/** Makes the small capture of a major on its default image. */
export async function makeSmallCapture(major: number): Promise<MadeCapture> {
  await using stack = new AsyncDisposableStack();
  const host = stack.use(await openComputeImage(major));
  const { path: directory } = stack.use(await temporaryDirectory('a test'));
  const capture = await captureWorkload(await smallCapture(host, major, join(directory, 'capture')));
  const kept = stack.move();
  return { host, directory, capture, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Every page of main and init forks whose bytes differ, or that one side lacks. */
export function differingPages(left: string, right: string): readonly string[] {
  using a = new DataDirectoryPages(left);
  using b = new DataDirectoryPages(right);
  const differing = new Set<string>();
  for (const fork of [...a.forks(), ...b.forks()]) {
    if (fork.forkNumber !== 0 && fork.forkNumber !== 3) continue;
    for (let blockNumber = 0; blockNumber < fork.blocks; blockNumber++) {
      const page = a.readPage({ ...fork, blockNumber });
      const other = b.readPage({ ...fork, blockNumber });
      if (page === undefined || other === undefined || !page.equals(other)) {
        differing.add(`${String(fork.dbOid)}/${String(fork.relNumber)} block ${String(blockNumber)}`);
      }
    }
  }
  return [...differing];
}

/** The WAL that a capture holds. */
export function rangeOf(capture: Capture): WalRange {
  const { timeline, startLsn, endLsn, walSegmentSizeBytes: segmentSizeBytes } = capture;
  return { timeline, startLsn, endLsn, segmentSizeBytes };
}
