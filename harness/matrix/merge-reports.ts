import { existsSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { RedoubtError } from '../error.ts';
import { newFolder } from '../gate/new-folder.ts';
import { publishBeside } from '../host/publish-beside.ts';
import type { Report } from '../report/report.ts';
import { requireUnedited, sealedText } from '../report/seal.ts';
import { writeReport } from '../report/write-report.ts';
import { writeWhole } from '../report/write-whole.ts';
import { chooseShards } from './choose-shards.ts';
import { readEarlier, writePlan } from './matrix-directory.ts';
import { mergedEvents } from './merged-events.ts';
import type { ShardRun } from './shard-run.ts';

export interface MergedReport {
  readonly report: Report;
  readonly directory: string;
}

/**
 * Puts the reports of all shards of a matrix together into a new folder, whole or not at all: the report is that of the
 * whole matrix run at once. Throws `no-shard`, `out-exists`, `report-edited`, what choosing shards and reading them throws.
 */
export async function mergeReports(
  paths: readonly string[],
  out: string,
  { allowPartial }: { readonly allowPartial: boolean },
): Promise<MergedReport> {
  const directory = newFolder(out);
  const shards = paths.map((path) => ({ path, run: existsSync(path) ? readEarlier(path) : undefined }));
  const runs = shards.flatMap(({ path, run }): readonly ShardRun[] =>
    run === undefined ? [] : [{ ...run, path }],
  );
  const lost = shards.flatMap(({ path, run }) => (run === undefined ? [path] : []));
  if (runs.length === 0) throw noShard(paths);
  for (const { path } of runs) requireUnedited(join(path, 'events.ndjson'));
  const chosen = chooseShards(runs, allowPartial, lost);
  const report = await publishBeside(directory, async (partial) => {
    await mkdir(partial);
    for (const { path } of chosen.runs) {
      const evidence = join(path, 'evidence');
      if (existsSync(evidence)) await cp(evidence, join(partial, 'evidence'), { recursive: true });
    }
    const events = mergedEvents(chosen);
    const [first] = chosen.runs;
    if (first !== undefined) writePlan(partial, { ...first.plan, shard: null });
    writeWhole(join(partial, 'events.ndjson'), sealedText(events));
    return writeReport(partial, events).report;
  });
  return { report, directory };
}

function noShard(paths: readonly string[]): RedoubtError {
  return new RedoubtError('usage', 'no-shard', `no run of redoubt matrix is in ${paths.join(', ')}`, {
    remedy: 'Name the folders that redoubt matrix --shard made with --report.',
  });
}
