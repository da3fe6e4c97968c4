import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { launch } from '../../bundle/launch.ts';
import type { Bundle } from '../../bundle/open.ts';
import { RedoubtError } from '../../error.ts';
import type { CompletedProcess, Host } from '../../host/engine.ts';
import { diskFull, requireFreeSpace } from '../../host/machine/free-space.ts';
import { describeEnding } from '../../host/describe-ending.ts';
import { checksumFlags, pageserverCase } from './initdb-cases.ts';
import { makeUnprivilegedDirectory } from '../../host/unprivileged-directory.ts';

/** Where a bundle's initdb writes, as the bundle sees it. */
export const dataDirectoryInBundle = '/inout/data';

/** All options of initdb: where, who and how quietly, then those of a case. */
export function initdbOptions(flags: readonly string[]): readonly string[] {
  return [
    '--pgdata',
    dataDirectoryInBundle,
    '--username',
    'cloud_admin',
    '--auth',
    'trust',
    '--no-instructions',
    '--no-sync',
    ...flags,
  ];
}

/** The options with which a pageserver runs initdb (neon: libs/postgres_initdb). */
export function pageserverInitdbFlags(major: number): readonly string[] {
  return initdbOptions(pageserverCase(major).flags);
}

/** What a new data directory takes, with its first WAL segment and room for initdb's own files. */
const dataDirectoryBytes = 64 * 2 ** 20;

/**
 * Runs a bundle's initdb on a host with `options`, by default a pageserver's; `inout` becomes the machine's folder behind
 * `/inout`.
 * @throws RedoubtError `disk-full`: an initdb that cannot write is not to blame.
 */
export async function runInitdb(
  bundle: Bundle,
  major: number,
  host: Host,
  inout: string,
  options: readonly string[] = pageserverInitdbFlags(major),
): Promise<CompletedProcess> {
  await makeUnprivilegedDirectory(inout);
  await requireFreeSpace(inout, dataDirectoryBytes, 'initdb');
  const start = launch(bundle, major, 'initdb', options);
  const completed = await host.run({
    ...start,
    mounts: [...(start.mounts ?? []), { source: inout, target: '/inout', readOnly: false }],
    limits: { wallTimeMs: 120_000, memoryBytes: 2 * 2 ** 30, outputBytes: 2 ** 30, processes: 256 },
  });
  const ranOut = !succeeded(completed) && completed.stderr.includes('No space left on device');
  if (ranOut) throw diskFull(inout, 'initdb found no space left on it');
  return completed;
}

/** Whether a program ended as it does when all went well. */
export function succeeded({ ending }: CompletedProcess): boolean {
  return ending.kind === 'exited' && ending.exitCode === 0;
}

/**
 * Makes the data directory of a capture with the bundle's initdb, as the real service does.
 * @throws RedoubtError `initdb-failed` of kind infrastructure: without it the other suites cannot judge.
 */
export async function makeDataDirectory(
  bundle: Bundle,
  major: number,
  host: Host,
  directory: string,
  checksums: boolean,
): Promise<void> {
  const inout = `${directory}.inout`;
  const options = [...pageserverInitdbFlags(major), ...checksumFlags(major, checksums)];
  const completed = await runInitdb(bundle, major, host, inout, options);
  if (!succeeded(completed)) {
    const { ending, stderr } = completed;
    throw new RedoubtError(
      'infrastructure',
      'initdb-failed',
      `the bundle's initdb ${describeEnding(ending)}, so there is no data directory to capture on: ${stderr.trim().slice(-300)}`,
      { remedy: 'See the initdb suite, which judges this.' },
    );
  }
  await rename(join(inout, 'data'), directory);
  await rm(inout, { recursive: true });
}
