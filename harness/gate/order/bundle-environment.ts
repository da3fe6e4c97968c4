import { join } from 'node:path';

import { bundleMountPoint, versionWord } from '../../bundle/launch.ts';
import type { Bundle } from '../../bundle/open.ts';
import {
  type CollationEnvironment,
  rootEnvironment,
  treeEnvironment,
  withLibraries,
} from '../../collation/environment.ts';
import { RedoubtError } from '../../error.ts';
import type { Host } from '../../host/engine.ts';
import { libraryFolders } from '../../host/composition/library-folders.ts';

/**
 * The libraries by which a bundle's server of a major would order strings on a host: its own, or the host's, from which a
 * bundle that leans on it takes its C library and locales. Throws `no-libc` (usage) where there are none.
 */
export async function bundleEnvironment(
  name: string,
  bundle: Bundle,
  major: number,
  host: Host,
): Promise<CollationEnvironment> {
  if (bundle.layout === 'chroot') {
    const folders = await libraryFolders(bundle.directory, major);
    return folders === undefined
      ? rootEnvironment(name, bundle.directory)
      : treeEnvironment(name, bundle.directory, folders);
  }
  const environment = await rootEnvironment(`${name} on ${host.name}`, rootOf(host));
  const mount = { source: bundle.directory, target: bundleMountPoint, readOnly: true };
  return withLibraries(environment, mount, join(bundleMountPoint, versionWord(major), 'lib'));
}

/** Where a host's files lie on this machine. Throws `root-unseen` (infrastructure) when they are in an image. */
export function rootOf({ name, rootPath }: Host): string {
  if (rootPath !== undefined) return rootPath;
  throw new RedoubtError(
    'infrastructure',
    'root-unseen',
    `the root of ${name} is no folder to look into, so its libraries cannot be asked for their order`,
    { remedy: 'Run this with --engine chroot.' },
  );
}
