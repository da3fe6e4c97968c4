import { mkdir } from 'node:fs/promises';

import { findServerProgram } from '../../harness/compute/server-program.ts';
import { giveToServer } from '../../harness/compute/server-uid.ts';
import { RedoubtError } from '../../harness/error.ts';
import { openChrootHost } from '../../harness/host/chroot/chroot-host.ts';
import { computeRecipe } from '../../harness/host/compute-images.ts';
import type { Host } from '../../harness/host/engine.ts';
import { silent } from '../../harness/host/progress.ts';
import { ensureRoot } from '../../harness/host/root.ts';

/** The compute image of a major, from the cache of roots; made there when it is missing. */
export async function openComputeImage(major: number): Promise<Host> {
  const root = await ensureRoot(computeRecipe(major), silent);
  return openChrootHost(root.name, root.path);
}

/** Makes a data directory with the image's own initdb and a pageserver's options: a stand-in for the bundle's initdb. */
export async function ownInitdb(
  host: Host,
  major: number,
  directory: string,
  flags: readonly string[] = [],
): Promise<void> {
  await mkdir(directory, { recursive: true });
  await giveToServer(directory);
  const program = await findServerProgram(host, major);
  const { ending, stderr } = await host.run({
    argv: [
      `${program.directory}/initdb`,
      '--pgdata=/data',
      '--username=cloud_admin',
      '--encoding=utf8',
      '--auth=trust',
      '--locale=C.UTF-8',
      ...(major >= 15 ? [`--locale-provider=${major >= 17 ? 'builtin' : 'libc'}`] : []),
      '--no-instructions',
      '--no-sync',
      ...flags,
    ],
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
    systemMounts: true,
    mounts: [{ source: directory, target: '/data', readOnly: false }],
  });
  if (ending.kind !== 'exited' || ending.exitCode !== 0) {
    throw new RedoubtError('infrastructure', 'initdb-failed', `initdb in ${host.name} failed: ${stderr}`);
  }
}
