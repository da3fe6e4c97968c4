import type { Finding } from '../verdict/finding.ts';
import type { ReadbackCounts } from './readback-counts.ts';

/** What one check of one object saw. */
export interface CheckResult {
  readonly findings: readonly Finding[];
  readonly counts: Partial<ReadbackCounts>;
  /** What could not be asked, and why: never a pass. */
  readonly notChecked: readonly string[];
}

/** Of a check that does not apply. */
export const noResult: CheckResult = { findings: [], counts: {}, notChecked: [] };
