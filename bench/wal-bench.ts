import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { captureWorkload, type Capture } from '../harness/compute/capture.ts';
import { findServerProgram } from '../harness/compute/server-program.ts';
import { capturePlan } from '../harness/gate/capture-plan.ts';
import { makeDataDirectory } from '../harness/gate/bundle-initdb.ts';
import { workloadOf } from '../harness/gate/tape-cache.ts';
import { silent } from '../harness/host/progress.ts';
import { LineageSpill } from '../harness/redo/lineage-spill.ts';
import { LineageSplitter } from '../harness/redo/lineage-splitter.ts';
import { walDirectory } from '../harness/redo/wal-directory.ts';
import { RecordDecoder } from '../harness/wal/decode.ts';
import { formatLsn } from '../harness/wal/lsn.ts';
import { RecordReader } from '../harness/wal/record-reader.ts';
import { major, type BenchInputs } from './inputs.ts';
import { speedRatio, type Measurement } from './measurement.ts';
import { medians, timeOf } from './rounds.ts';

const rounds = 7;
const partitions = 16;

/** Reading the WAL of the full capture, and splitting it by page, against `pg_waldump --stats` on the same WAL. */
export async function measureWal(inputs: BenchInputs): Promise<readonly Measurement[]> {
  const capture = await captureAll(inputs);
  const spill = join(inputs.scratch, 'spill');
  let records = 0;
  const { read, split, waldump } = await medians(rounds, {
    read: () =>
      timeOf(() => {
        records = readAll(capture);
      }),
    split: () => timeOf(() => splitAll(capture, spill)),
    waldump: () => waldumpStats(inputs, capture),
  });
  const what = `${megabytes(capture.endLsn - capture.startLsn)} of WAL, ${String(records)} records`;
  return [
    speedRatio(`reading ${what}: CRC and decoding; pg_waldump --stats`, [read, waldump], 0.2),
    speedRatio(`the same and splitting it by page on disk; pg_waldump --stats`, [split, waldump], 0.2),
  ];
}

async function captureAll({ bundle, host, compute, scratch }: BenchInputs): Promise<Capture> {
  const plan = capturePlan('records');
  return captureWorkload({
    host: compute,
    major,
    makeDataDirectory: (target) => makeDataDirectory(bundle, major, host, target, plan.checksums),
    workload: await workloadOf(plan),
    wal: plan.wal,
    directory: join(scratch, 'capture'),
    progress: silent,
  });
}

function readerOf(capture: Capture): RecordReader {
  const { timeline, startLsn, endLsn, walSegmentSizeBytes, systemIdentifier } = capture;
  return new RecordReader({
    source: walDirectory(capture.walDirectory, timeline, walSegmentSizeBytes),
    major,
    timeline,
    startLsn,
    endLsn,
    segmentSizeBytes: walSegmentSizeBytes,
    systemIdentifier: BigInt(systemIdentifier),
  });
}

function readAll(capture: Capture): number {
  const reader = readerOf(capture);
  const decoder = new RecordDecoder(major);
  let records = 0;
  for (let raw = reader.next(); raw !== undefined; raw = reader.next()) {
    decoder.decode(raw);
    records++;
  }
  return records;
}

async function splitAll(capture: Capture, directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory);
  using spill = new LineageSpill(directory, partitions);
  new LineageSplitter(spill, major).consume(readerOf(capture));
}

async function waldumpStats({ compute }: BenchInputs, capture: Capture): Promise<number> {
  const { directory } = await findServerProgram(compute, major);
  const range = ['-s', formatLsn(capture.startLsn), '-e', formatLsn(capture.endLsn)];
  const { ending, stderr, wallTimeMs } = await compute.run({
    argv: [`${directory}/pg_waldump`, '--stats', '-p', '/wal', ...range],
    mounts: [{ source: capture.walDirectory, target: '/wal', readOnly: true }],
  });
  if (ending.kind !== 'exited' || ending.exitCode !== 0) throw new Error(`pg_waldump failed: ${stderr}`);
  return wallTimeMs;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
