import { join } from 'node:path';

import { bundleMountPoint, versionWord } from '../bundle/launch.ts';
import {
  type CollationEnvironment,
  rootEnvironment,
  treeEnvironment,
  withLibraries,
} from '../collation/environment.ts';
import { RedoubtError } from '../error.ts';
import type { Host } from '../host/engine.ts';
import type { GateRun } from './gate-run.ts';
import { libraryFolders } from './library-folders.ts';
import { share } from './shared-work.ts';

/** The libraries by which the compute image's server of a major orders strings. */
export async function computeEnvironment(gate: GateRun, major: number): Promise<CollationEnvironment> {
  const { name, host } = await gate.compute(major);
  return rootEnvironment(name, rootOf(host));
}

/**
 * The libraries by which the candidate's server of a major would order strings on a host: its own, or the host's, from which
 * a bundle that leans on it takes its C library and locales. Throws `no-libc` (usage) where there are none.
 */
export function candidateEnvironment(
  gate: GateRun,
  major: number,
  hostName: string,
): Promise<CollationEnvironment> {
  const { bundle } = gate.candidate;
  const isOwn = bundle.layout === 'chroot';
  return share(gate, `collation of ${String(major)} on ${isOwn ? 'any host' : hostName}`, async () => {
    if (isOwn) {
      const folders = await libraryFolders(bundle.directory, major);
      return folders === undefined
        ? rootEnvironment('the bundle', bundle.directory)
        : treeEnvironment('the bundle', bundle.directory, folders);
    }
    const host = await rootEnvironment(`the bundle on ${hostName}`, rootOf(gate.host(hostName)));
    const source = bundle.directory;
    const mount = { source, target: bundleMountPoint, readOnly: true };
    return withLibraries(host, mount, join(bundleMountPoint, versionWord(major), 'lib'));
  });
}

function rootOf({ name, rootPath }: Host): string {
  if (rootPath !== undefined) return rootPath;
  throw new RedoubtError(
    'infrastructure',
    'root-unseen',
    `the root of ${name} is no folder to look into, so its libraries cannot be asked for their order`,
    { remedy: 'Run the suite collation with --engine chroot.' },
  );
}
