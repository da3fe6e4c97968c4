import { join } from 'node:path';

import type { Capture } from '../harness/compute/capture.ts';
import { findServerProgram } from '../harness/compute/server-program.ts';
import { walOfCapture } from '../harness/gate/capture/capture-tape.ts';
import { splitWalDirectory } from '../harness/redo/lineage/wal-directory-split.ts';
import { walDirectory } from '../harness/redo/lineage/wal-directory.ts';
import { RecordDecoder } from '../harness/wal/decode.ts';
import { formatLsn } from '../harness/wal/lsn.ts';
import { RecordReader } from '../harness/wal/record-reader.ts';
import { major, type BenchInputs } from './inputs.ts';
import { megabytes, speedRatio, type Measurement } from './measurement.ts';
import { costOf, medians, type Cost } from './rounds.ts';

const rounds = 5;
const leastSpeed = 0.2;

/**
 * Reading WAL, and splitting it into the lineages of its pages, against `pg_waldump --stats` on the same WAL. Split means:
 * every CRC checked, every record spilled to disk, and every partition read back and grouped by page.
 */
export async function measureWal(inputs: BenchInputs, capture: Capture): Promise<readonly Measurement[]> {
  const spill = join(inputs.scratch, 'spill');
  let records = 0;
  const { read, split, waldump } = await medians(rounds, {
    read: () =>
      costOf(() => {
        records = readAll(capture);
      }),
    split: () => costOf(() => splitAll(capture, spill)),
    waldump: () => waldumpStats(inputs, capture),
  });
  const what = `${megabytes(capture.endLsn - capture.startLsn)} of WAL, ${String(records)} records`;
  const target = { least: leastSpeed, required: false };
  return [
    speedRatio(`reading ${what}: CRC and decoding, one thread; pg_waldump --stats`, [read, waldump], target),
    speedRatio(
      'the same and splitting it by page, two threads; pg_waldump --stats',
      [split, waldump],
      target,
    ),
  ];
}

function readAll(capture: Capture): number {
  const wal = walOfCapture(capture);
  const source = walDirectory(capture.walDirectory, wal.timeline, wal.segmentSizeBytes);
  const reader = new RecordReader({ ...wal, source });
  const decoder = new RecordDecoder(major);
  let records = 0;
  for (let raw = reader.next(); raw !== undefined; raw = reader.next()) {
    decoder.decode(raw);
    records++;
  }
  return records;
}

async function splitAll(capture: Capture, directory: string): Promise<void> {
  using split = await splitWalDirectory(walOfCapture(capture), capture.walDirectory, directory);
  const { spilled } = split;
  for (let partition = 0; partition < spilled.partitions; partition++) spilled.read(partition);
}

async function waldumpStats({ compute }: BenchInputs, capture: Capture): Promise<Cost> {
  const { directory } = await findServerProgram(compute, major);
  const range = ['-s', formatLsn(capture.startLsn), '-e', formatLsn(capture.endLsn)];
  const { ending, stderr, wallTimeMs, userCpuMs, systemCpuMs } = await compute.run({
    argv: [`${directory}/pg_waldump`, '--stats', '-p', '/wal', ...range],
    mounts: [{ source: capture.walDirectory, target: '/wal', readOnly: true }],
  });
  if (ending.kind !== 'exited' || ending.exitCode !== 0) throw new Error(`pg_waldump failed: ${stderr}`);
  return { wallMs: wallTimeMs, cpuMs: userCpuMs + systemCpuMs };
}
