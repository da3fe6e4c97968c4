import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { launch } from '../../bundle/launch.ts';
import type { Bundle } from '../../bundle/open.ts';
import { buildFactsQuery, parseBuildFacts, type BuildFacts } from '../../compute/build-facts.ts';
import { copyTree } from '../../compute/copy-tree.ts';
import type { Host } from '../../host/engine.ts';
import { describeEnding } from '../../host/describe-ending.ts';
import { dataDirectoryInBundle, succeeded } from '../initdb/bundle-initdb.ts';
import { makeUnprivilegedDirectory } from '../../host/unprivileged-directory.ts';

/** What a bundle's server said of its build, or why it did not. */
export type BundleBuild =
  | { readonly kind: 'facts'; readonly facts: BuildFacts }
  /** The agreement does not ask a bundle's postgres to do more than --wal-redo. */
  | { readonly kind: 'silent'; readonly why: string };

/**
 * Asks a bundle's own server how it was built, in single-user mode on a copy of a data directory that the bundle's initdb
 * made; `inout` becomes the machine's folder behind `/inout`.
 */
export async function readBundleBuild(
  bundle: Bundle,
  major: number,
  host: Host,
  source: string,
  inout: string,
): Promise<BundleBuild> {
  await makeUnprivilegedDirectory(inout);
  await copyTree(source, join(inout, 'data'));
  const statements = `${inout}.sql`;
  await writeFile(statements, `COPY (${buildFactsQuery}) TO '/inout/facts'\n`);
  const options = ['--single', '-D', dataDirectoryInBundle, '-c', 'fsync=off', 'template1'];
  const start = launch(bundle, major, 'postgres', options);
  const completed = await host.run({
    ...start,
    mounts: [...(start.mounts ?? []), { source: inout, target: '/inout', readOnly: false }],
    stdin: { kind: 'file', path: statements },
    limits: { wallTimeMs: 60_000, memoryBytes: 2 ** 30, outputBytes: 2 ** 26, processes: 64 },
  });
  const answer = await readFile(join(inout, 'facts'), 'utf8').catch(() => undefined);
  if (succeeded(completed) && answer !== undefined) return { kind: 'facts', facts: parseBuildFacts(answer) };
  const said = completed.stderr.trim().slice(-200);
  return { kind: 'silent', why: `postgres --single ${describeEnding(completed.ending)}: ${said}` };
}
