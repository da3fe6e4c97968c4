import { join } from 'node:path';

import { captureWorkload, type Capture } from '../harness/compute/capture.ts';
import { makeDataDirectory } from '../harness/gate/initdb/bundle-initdb.ts';
import { capturePlan } from '../harness/gate/capture/capture-plan.ts';
import { workloadOf } from '../harness/gate/capture/tape-cache.ts';
import { silent } from '../harness/host/progress.ts';
import { major, type BenchInputs } from './inputs.ts';

/** Sizes of the gate's workload that write 100 MB of WAL, more than 1 GB, and more than 2 GB. */
export const captureRows = { small: 8500, middle: 90_000, large: 178_000 } as const;

/** The gate's capture of records with another number of rows. */
export async function captureOfRows(inputs: BenchInputs, rows: number): Promise<Capture> {
  const { bundle, host, compute, scratch } = inputs;
  const plan = capturePlan('records');
  const workload = await workloadOf(plan);
  return captureWorkload({
    host: compute,
    major,
    makeDataDirectory: (target) => makeDataDirectory(bundle, major, host, target, plan.checksums),
    workload: { ...workload, parameters: { ...workload.parameters, 'redoubt.rows': String(rows) } },
    wal: plan.wal,
    directory: join(scratch, `capture-${String(rows)}`),
    progress: silent,
  });
}
