import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';

/**
 * Writes the file lists and digests of a workload's manifest anew: `node corpora/workloads/seal.ts [FOLDER...]`, by
 * default every workload here. Scripts run in the order of their names.
 */
const folders = argv.length > 2 ? argv.slice(2) : workloadFolders();
for (const folder of folders) seal(folder);

function workloadFolders(): string[] {
  return readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(import.meta.dirname, entry.name));
}

function seal(folder: string): void {
  const path = join(folder, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  const setup = filesIn(folder, 'setup');
  const work = filesIn(folder, 'work');
  const sha256 = Object.fromEntries(
    [...filesIn(folder, 'data'), ...setup, ...work].map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  );
  writeFileSync(path, `${JSON.stringify({ ...manifest, setup, work, sha256 }, null, 2)}\n`);
}

function filesIn(folder: string, part: string): string[] {
  const directory = join(folder, part);
  return (existsSync(directory) ? readdirSync(directory) : []).toSorted().map((name) => `${part}/${name}`);
}
