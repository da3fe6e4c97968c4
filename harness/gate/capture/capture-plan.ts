import { RedoubtError } from '../../error.ts';
import { recordsOnly, type WalSettings } from '../../compute/wal-settings.ts';
import type { Workload, WorkloadScale } from '../../compute/workload.ts';

/** One kind of capture: which statements, and what the server writes into the WAL for them. */
export interface CapturePlan {
  readonly label: string;
  /** A folder of corpora/workloads. */
  readonly workload: string;
  /** Somebody's own statements, read and checked, instead of those of that folder. */
  readonly own?: Workload;
  readonly scale: WorkloadScale;
  readonly wal: WalSettings;
  /** Whether the data directory has data checksums. */
  readonly checksums: boolean;
  /** The base is what initdb left, so that a data directory can be put together of walredo's pages and initdb's. */
  readonly isWholeLife?: true;
}

const withImages: WalSettings = { ...recordsOnly, fullPageWrites: true, compression: 'pglz' };

/**
 * What the gate captures of every major. Without full-page writes every change reaches walredo as a record; with them
 * most of the records vanish behind images, so that capture is the smaller one.
 */
export const capturePlans: readonly CapturePlan[] = [
  { label: 'records', workload: 'collation', scale: 'full', wal: recordsOnly, checksums: false },
  { label: 'images', workload: 'collation', scale: 'small', wal: withImages, checksums: false },
  {
    label: 'every-record',
    workload: 'every-record',
    scale: 'full',
    wal: { ...recordsOnly, hintImages: true },
    checksums: false,
  },
];

/** What the suite readback makes its data directory of. */
export const wholeLifePlan: CapturePlan = {
  label: 'whole-life',
  workload: 'collation',
  scale: 'small',
  wal: recordsOnly,
  checksums: false,
  isWholeLife: true,
};

/** What else can be captured by hand. */
const otherPlans: readonly CapturePlan[] = [
  wholeLifePlan,
  ...(['lz4', 'zstd'] as const).map((compression) => ({
    label: `images-${compression}`,
    workload: 'every-record',
    scale: 'full' as const,
    wal: { ...withImages, compression },
    checksums: false,
  })),
  { label: 'checksums', workload: 'every-record', scale: 'full', wal: recordsOnly, checksums: true },
  {
    label: 'consistency',
    workload: 'every-record',
    scale: 'small',
    wal: { ...recordsOnly, consistencyImages: true },
    checksums: false,
  },
];

export const captureKinds: readonly string[] = [...capturePlans, ...otherPlans].map(({ label }) => label);

/** The plan of a kind of capture. Throws `unknown-name` (usage). */
export function capturePlan(kind: string): CapturePlan {
  const plan = [...capturePlans, ...otherPlans].find(({ label }) => label === kind);
  if (plan === undefined) {
    throw new RedoubtError('usage', 'unknown-name', `there is no kind of capture named ${kind}`, {
      remedy: `Choose from: ${captureKinds.join(', ')}.`,
    });
  }
  return plan;
}
