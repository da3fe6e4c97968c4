import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

import { cacheDirectory } from '../harness/host/cache.ts';
import type { Report } from '../harness/report/report.ts';
import { hostName, major } from './inputs.ts';
import type { Measurement } from './measurement.ts';

const redoubt = join(import.meta.dirname, '../redoubt');
const mostBytes = 300e6;

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
    ours: `${(bytes / 1e6).toFixed(0)} MB`,
    peer: '',
    ratio: undefined,
    target: { words: 'under 300 MB', isMet: bytes < mostBytes, required: true },
  };
}
