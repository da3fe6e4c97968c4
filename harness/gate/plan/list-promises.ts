import { openBundle } from '../../bundle/open.ts';
import type { Progress } from '../../host/progress.ts';
import type { Check } from '../../verdict/cell.ts';
import { referenceMajorsOf } from '../inputs/compute-image.ts';
import type { GateOptions } from '../gate-options.ts';
import { GatePlan } from './gate-plan.ts';
import { collectPromises } from './japa-run.ts';

/** What a gate with these options would check. Nothing is built or started; majors are taken from the compute images. */
export async function listPromises(options: GateOptions, progress: Progress): Promise<readonly Check[]> {
  const layout =
    options.candidate === undefined ? 'chroot' : (await openBundle(options.candidate, progress)).layout;
  const plan = new GatePlan({
    suites: options.suites,
    majors: options.majors ?? majorsOffered(options),
    hosts: options.hosts.map(({ name }) => name),
    layout,
    hasBaseline: options.baseline !== undefined,
    hasPin: options.lock !== undefined,
    initdbMatrix: options.initdbMatrix,
    locales: options.locales,
    kernelFloor: options.kernelFloor,
    hasOracle: () => true,
    // Which minor the bundle is of is not asked.
    skews: [],
    ...(options.only === undefined ? {} : { only: options.only }),
    tapeLabels: () => options.captures.map(({ label }) => label),
  });
  await collectPromises(plan);
  return plan.checks;
}

function majorsOffered({ candidate, computeImages }: GateOptions): readonly number[] {
  return candidate === undefined ? referenceMajorsOf(computeImages) : computeImages.map(({ major }) => major);
}
