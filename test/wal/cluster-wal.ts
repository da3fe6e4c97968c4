import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { findServerProgram } from '../../harness/compute/server-program.ts';
import type { CompletedProcess } from '../../harness/host/engine.ts';
import { formatLsn } from '../../harness/wal/lsn.ts';
import { RecordReader } from '../../harness/wal/record-reader.ts';
import { segmentFileName } from '../../harness/wal/segment.ts';
import type { RealCluster } from '../support/real-cluster.ts';

/** What the cluster's own pg_waldump says of its WAL from `startLsn` to `endLsn`. */
export async function waldump(
  cluster: RealCluster,
  startLsn: number,
  endLsn: number,
): Promise<CompletedProcess> {
  const program = await findServerProgram(cluster.host, cluster.major);
  const range = ['-s', formatLsn(startLsn), '-e', formatLsn(endLsn)];
  return cluster.host.run({
    argv: [`${program.directory}/pg_waldump`, '-p', '/data/pg_wal', ...range],
    env: { LC_ALL: 'C' },
    mounts: [{ source: cluster.dataDirectory, target: '/data', readOnly: true }],
    limits: { outputBytes: 256 * 1024 * 1024 },
  });
}

/** Reads the WAL of a cluster that was stopped cleanly, from `startLsn` to its last checkpoint, which is `endLsn`. */
export async function readClusterWal(
  cluster: RealCluster,
  startLsn: number,
): Promise<{ readonly reader: RecordReader; readonly endLsn: number }> {
  const { checkpointLsn: endLsn, walSegmentSizeBytes, systemIdentifier } = await cluster.readControlFile();
  const walDirectory = join(cluster.dataDirectory, 'pg_wal');
  const reader = new RecordReader({
    source: (number) => readFileSync(join(walDirectory, segmentFileName(1, number, walSegmentSizeBytes))),
    major: cluster.major,
    timeline: 1,
    startLsn,
    endLsn,
    segmentSizeBytes: walSegmentSizeBytes,
    systemIdentifier,
  });
  return { reader, endLsn };
}
