import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { versionWord } from '../../bundle/launch.ts';
import { bundleMajors } from '../../bundle/majors.ts';
import type { Bundle } from '../../bundle/open.ts';
import { computeMajors } from '../../host/compute-images.ts';
import type { Host } from '../../host/engine.ts';

const startsNowhere = 'starts on none of the hosts';

/**
 * The majors that a bundle sets out to have, with the words of `postgres --version`. A bundle that leans on its host may
 * start on one host only, or, though its folder is there, on none: that is for the contract suite to judge, so the
 * major counts all the same.
 */
export async function bundleServers(
  bundle: Bundle,
  hosts: readonly Host[],
): Promise<ReadonlyMap<number, string>> {
  const [firstHost, ...otherHosts] = hosts;
  const servers = new Map<number, string>();
  if (firstHost === undefined) return servers;
  // A chroot bundle sees nothing of its host: one answers for all.
  const asked = bundle.layout === 'chroot' ? [firstHost] : [firstHost, ...otherHosts];
  for (const host of asked) {
    for (const [major, version] of await bundleMajors(bundle, host)) {
      if (!servers.has(major)) servers.set(major, version);
    }
  }
  if (bundle.layout === 'chroot') return servers;
  for (const major of computeMajors()) {
    if (!servers.has(major) && existsSync(join(bundle.directory, versionWord(major))))
      servers.set(major, startsNowhere);
  }
  return new Map([...servers].toSorted(([left], [right]) => left - right));
}
