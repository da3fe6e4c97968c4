import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

import type { Capture } from '../harness/compute/capture.ts';
import { cacheDirectory } from '../harness/host/cache.ts';
import type { Report } from '../harness/report/report.ts';
import { hostName, major } from './inputs.ts';
import { megabytes, memoryRatio, type Measurement } from './measurement.ts';

const redoubt = join(import.meta.dirname, '../redoubt');
const mostBytes = 300e6;
/** Twenty times as much WAL. */
const mostGrowth = 1.5;

/** What a cache must not share with another: tapes, since they are to be made anew, and what a run owns. */
const ownFolders: ReadonlySet<string> = new Set(['tapes', 'locks', 'logs', 'stage']);

/** Peak memory of the harness itself over a gate that captures everything anew, as report.json gives it. */
export async function measureMemory(scratch: string): Promise<Measurement> {
  const cache = join(scratch, 'cache');
  await mkdir(cache);
  for (const name of await readdir(cacheDirectory())) {
    if (!ownFolders.has(name)) await symlink(join(cacheDirectory(), name), join(cache, name));
  }
  const report = join(scratch, 'cold-gate');
  await execa(
    redoubt,
    [
      'gate',
      '--pg',
      String(major),
      '--hosts',
      hostName,
      '--suites',
      'walredo',
      '--quiet',
      '--report',
      report,
    ],
    { env: { REDOUBT_CACHE: cache } },
  );
  const { run } = JSON.parse(await readFile(join(report, 'report.json'), 'utf8')) as Report;
  const bytes = run.peakRssBytes ?? Number.POSITIVE_INFINITY;
  return {
    name: `peak memory of the harness, gate --pg ${String(major)} with captures`,
    ours: megabytes(bytes),
    peer: '',
    ratio: undefined,
    target: { words: 'under 300 MB', isMet: bytes < mostBytes, required: true },
  };
}

/** Peak memory of making a tape: of the large capture against the small one, each in a process of its own. */
export async function measureTapeMemory(
  scratch: string,
  { small, large }: { readonly small: Capture; readonly large: Capture },
): Promise<Measurement> {
  const sizes = [large, small].map(({ startLsn, endLsn }) => megabytes(endLsn - startLsn));
  const peaks: [number, number] = [await tapePeakBytes(scratch, large), await tapePeakBytes(scratch, small)];
  return memoryRatio(`peak memory of making a tape of ${sizes.join(' of WAL; of ')}`, peaks, {
    most: mostGrowth,
    required: true,
  });
}

async function tapePeakBytes(scratch: string, capture: Capture): Promise<number> {
  const description = join(scratch, 'capture.json');
  const tape = join(scratch, 'tape');
  await writeFile(description, JSON.stringify(capture));
  const program = join(import.meta.dirname, 'tape-once.ts');
  const { stdout } = await execa(process.execPath, [...process.execArgv, program, description, tape]);
  await rm(tape, { recursive: true });
  return Number(stdout);
}
