import { createHash } from 'node:crypto';

import { openBundle } from '../bundle/open.ts';
import { nameOfLocale } from '../collation/locale-in-use.ts';
import { RedoubtError } from '../error.ts';
import { requireTapes } from '../gate/inputs/choose-majors.ts';
import { type GivenTape, openGivenTapes } from '../gate/replay/given-tapes.ts';
import { workloadOf } from '../gate/capture/tape-cache.ts';
import { openChrootHost } from '../host/chroot/chroot-host.ts';
import { ensureHostRoot, type HostRequest } from '../host/host-root.ts';
import type { Progress } from '../host/progress.ts';
import { rootCacheKey } from '../host/debian/root-recipe.ts';
import { temporaryDirectory } from '../host/run-directory.ts';
import { integrityOf } from '../pin/lock-file.ts';
import { redoubtVersion } from '../version.ts';
import type { MatrixOptions, WorkloadCaptures } from './matrix-options.ts';
import { type MatrixPlan, type MatrixWorkload, planMatrix } from './matrix-plan.ts';
import { openBundles, type PlacedBundle } from './open-bundles.ts';

/**
 * The plan of what was asked for, the same on every machine, and its bundles. One host is needed for it, to ask bundles which
 * majors they have. Throws what opening bundles and that host throws.
 */
export async function makePlan(
  options: MatrixOptions,
  progress: Progress,
): Promise<{ readonly plan: MatrixPlan; readonly bundles: readonly PlacedBundle[] }> {
  const { gate, images, workloads } = options;
  await using scratch = await temporaryDirectory('tapes made of recordings');
  const tapes = openGivenTapes(gate.tapes, gate.majors, scratch.path);
  const ofTapes = majorsOf(tapes);
  if (ofTapes !== undefined) requireTapes(gate.majors ?? [], ofTapes);
  const majors = gate.majors ?? ofTapes;
  const first = firstHostOf(gate.hosts);
  const outcome = await ensureHostRoot({ ...first, isRequired: true }, progress);
  if (outcome.kind === 'absent') throw new Error(`${first.name} is absent, though required`);
  // Which majors a bundle has does not depend on how a root is entered.
  await using host = await openChrootHost(first.name, outcome.root.path, progress);
  const bundles = await openBundles({ ...options, gate: { ...gate, majors } }, host, progress);
  const baseline = gate.baseline === undefined ? undefined : await openBundle(gate.baseline, progress);
  const { suites, engine, initdbMatrix, kernelFloor, answerTimeoutMs, locales } = gate;
  const plan = planMatrix({
    redoubtVersion,
    bundles: bundles.map(({ name, digest, majors }) => ({ name, digest, majors })),
    images: images.map(({ name, major, recipe }) => ({ name, major, key: rootCacheKey(recipe) })),
    workloads: await Promise.all(workloads.map(planWorkload)),
    hosts: gate.hosts.map(({ name }) => name),
    firstHost: first.name,
    suites,
    engine,
    initdbMatrix,
    kernelFloor,
    answerTimeoutMs,
    locales: locales?.map(nameOfLocale) ?? null,
    tapes: tapes.map(({ label, tape }) => ({ label, major: tape.manifest.major, digest: tape.digest })),
    baseline: baseline?.digest ?? null,
    policy: gate.policy?.digest ?? null,
    pin: gate.lock === undefined ? null : integrityOf(gate.lock.lock),
  });
  return { plan, bundles };
}

/** Undefined: no tape says which. */
function majorsOf(tapes: readonly GivenTape[]): readonly number[] | undefined {
  return tapes.length === 0 ? undefined : [...new Set(tapes.map(({ tape }) => tape.manifest.major))];
}

/** A host that can be had for sure, where there is one: all others are compared with it. */
function firstHostOf(hosts: readonly HostRequest[]): HostRequest {
  const first = hosts.find(({ isRequired }) => isRequired) ?? hosts[0];
  if (first === undefined) throw new RedoubtError('usage', 'no-host', 'no host to run on');
  return first;
}

async function planWorkload({ name, captures }: WorkloadCaptures): Promise<MatrixWorkload> {
  const parts: unknown[] = [];
  for (const capture of captures) {
    const { own: _, ...plan } = capture;
    parts.push([plan, (await workloadOf(capture)).digest]);
  }
  return { name, digest: createHash('sha256').update(JSON.stringify(parts)).digest('hex') };
}
