import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

import { planMatrix } from '../harness/matrix/matrix-plan.ts';
import { shardCells } from '../harness/matrix/shard.ts';
import type { Report } from '../harness/report/report.ts';
import { suiteNames } from '../harness/verdict/cell.ts';
import { type Measurement, timeRatio } from './measurement.ts';

const redoubt = join(import.meta.dirname, '../redoubt');
const rounds = 3;
const simulatedHosts = 200;
const shards = 50;
const mostPlanningMs = 1000;

/** The plan of a large matrix, and every shard of it: what each of many machines does before its first cell. */
export function measurePlanning(): Measurement {
  const began = performance.now();
  const majors = [14, 15, 16, 17, 18];
  const plan = planMatrix({
    redoubtVersion: 'bench',
    bundles: [
      { name: 'new', digest: 'new', majors },
      { name: 'old', digest: 'old', majors },
    ],
    images: majors.flatMap((major) => [
      { name: `debian-${String(major)}`, major, key: 'd' },
      { name: `npm-${String(major)}`, major, key: 'n' },
    ]),
    workloads: [{ name: 'default', digest: 'w' }],
    hosts: Array.from({ length: simulatedHosts }, (_, number) => `host:${String(number)}`),
    firstHost: 'host:0',
    suites: suiteNames,
    engine: 'chroot',
    initdbMatrix: 'sample',
    kernelFloor: false,
    answerTimeoutMs: 60_000,
    locales: null,
    tapes: [],
    baseline: null,
    policy: null,
    pin: null,
  });
  let cells = 0;
  for (let index = 1; index <= shards; index++) cells += shardCells(plan, { index, count: shards }).length;
  const ms = performance.now() - began;
  return {
    name: `planning ${String(simulatedHosts)} hosts, ${String(cells)} cells, and all of ${String(shards)} shards`,
    ours: `${ms.toFixed(0)} ms`,
    peer: '',
    ratio: undefined,
    target: { words: `less than ${String(mostPlanningMs)} ms`, isMet: ms < mostPlanningMs, required: true },
  };
}

/** What a host more costs a matrix, against what its own replay and judgement take where it is alone. */
export async function measureHostSlope(scratch: string): Promise<Measurement> {
  const alone: number[] = [];
  const slopes: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const one = await judge(scratch, ['debian:11']);
    const three = await judge(scratch, ['debian:11', 'debian:12', 'debian:13']);
    alone.push(one.checksMs);
    slopes.push((three.wallMs - one.wallMs) / 2);
  }
  return timeRatio(
    'a host more in a matrix of walredo cells; its own replay and judgement',
    [median(slopes), median(alone)],
    { most: 1, required: false },
  );
}

async function judge(
  scratch: string,
  hosts: readonly string[],
): Promise<{ readonly wallMs: number; readonly checksMs: number }> {
  const report = join(scratch, 'matrix');
  const options = ['--pg', '17', '--hosts', hosts.join(','), '--suites', 'walredo', '--report', report];
  const began = performance.now();
  await execa(redoubt, ['matrix', ...options, '--quiet']);
  const wallMs = performance.now() - began;
  const { run } = JSON.parse(await readFile(join(report, 'report.json'), 'utf8')) as Report;
  await rm(report, { recursive: true });
  return { wallMs, checksMs: Object.values(run.durationsMs).reduce((sum, ms) => sum + ms, 0) };
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}
