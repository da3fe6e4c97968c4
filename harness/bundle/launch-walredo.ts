import { makeUnprivilegedDirectory } from '../host/unprivileged-directory.ts';
import { type BundleLaunch, launch } from './launch.ts';
import type { Bundle } from './open.ts';

/** What a pageserver starts walredo with. */
export const walredoFlags = ['--wal-redo', '--tenant-shard-id', 'redoubt'] as const;

/** How to start a bundle's walredo as a pageserver does; `inout` is made, and lent to it as `/inout`. Throws what launch throws. */
export async function launchWalredo(bundle: Bundle, major: number, inout: string): Promise<BundleLaunch> {
  await makeUnprivilegedDirectory(inout);
  const start = launch(bundle, major, 'postgres', walredoFlags);
  return {
    ...start,
    mounts: [...(start.mounts ?? []), { source: inout, target: '/inout', readOnly: false }],
  };
}
