import { type CollationEnvironment, rootEnvironment } from '../../collation/environment.ts';
import { bundleEnvironment, rootOf } from './bundle-environment.ts';
import type { GateRun } from '../gate-run.ts';
import { share } from '../shared-work.ts';

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
  return share(gate, `collation of ${String(major)} on ${isOwn ? 'any host' : hostName}`, () =>
    bundleEnvironment('the bundle', bundle, major, gate.host(hostName)),
  );
}
