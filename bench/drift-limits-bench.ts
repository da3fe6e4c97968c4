import { join } from 'node:path';

import { execa } from 'execa';

import type { Drift } from '../harness/collation/drift.ts';
import { megabytes, type Measurement } from './measurement.ts';
import { peakMemoryOf } from './process-tree-memory.ts';

const redoubt = join(import.meta.dirname, '../redoubt');
const rounds = 3;
const mostCanarySeconds = 10;
const canaryLocales = 100;
const mostSweepSeconds = 60;
const mostBytes = 1e9;

/** What `redoubt drift` takes from one end to the other, of time and of memory, with its probes. */
export async function measureDriftLimits(): Promise<readonly Measurement[]> {
  const canaries = await measured('--provider libc --quick');
  const sweep = await measured('--provider icu --locale und');
  const perLocales = (canaries.seconds * canaryLocales) / canaries.locales;
  const bytes = Math.max(canaries.bytes, sweep.bytes);
  return [
    limit(
      `redoubt drift --quick: ${String(canaries.locales)} locales`,
      `${canaries.seconds.toFixed(1)} s`,
      `under ${String(mostCanarySeconds)} s for ${String(canaryLocales)} locales`,
      perLocales < mostCanarySeconds,
    ),
    limit(
      "redoubt drift: the full sweep of libicu's root",
      `${sweep.seconds.toFixed(1)} s`,
      `under ${String(mostSweepSeconds)} s`,
      sweep.seconds < mostSweepSeconds,
    ),
    limit(
      'redoubt drift: memory of all processes together',
      megabytes(bytes),
      'under 1 GB',
      bytes < mostBytes,
    ),
  ];
}

interface Run {
  readonly seconds: number;
  readonly bytes: number;
  readonly locales: number;
}

/** The median of the times, the most of the memory; a first round fills caches and is not counted. */
async function measured(words: string): Promise<Run> {
  const runs: Run[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const run = await once(words);
    if (round > 0) runs.push(run);
  }
  const times = runs.map(({ seconds }) => seconds).toSorted((one, other) => one - other);
  return {
    seconds: times[Math.floor(times.length / 2)] ?? Number.NaN,
    bytes: Math.max(...runs.map(({ bytes }) => bytes)),
    locales: runs[0]?.locales ?? 0,
  };
}

async function once(words: string): Promise<Run> {
  const started = performance.now();
  const running = execa(
    redoubt,
    ['drift', '--from', 'debian:12', '--to', 'debian:13', ...words.split(' '), '--json', '--quiet'],
    { reject: false },
  );
  const [bytes, { stdout }] = await Promise.all([peakMemoryOf(running.pid ?? 0, running), running]);
  const seconds = (performance.now() - started) / 1000;
  return { seconds, bytes, locales: (JSON.parse(stdout) as Drift).locales.length };
}

function limit(name: string, ours: string, words: string, isMet: boolean): Measurement {
  return { name, ours, peer: '', ratio: undefined, target: { words, isMet, required: true } };
}
