import type { ComputeImage } from '../host/compute-images.ts';
import type { Host } from '../host/engine.ts';
import type { HostRequest } from '../host/host-root.ts';
import { GateRun } from '../gate/gate-run.ts';
import { openInputs } from '../gate/inputs/open-inputs.ts';
import type { PlannedCheck } from '../gate/plan/planned-check.ts';
import type { SuitePromises } from '../gate/plan/suite-promises.ts';
import type { Cell } from '../verdict/cell.ts';
import { legLog } from './leg-log.ts';
import { imageRows, type MatrixLeg } from './matrix-plan.ts';
import type { MatrixSurroundings } from './open-matrix.ts';

/** A leg that is ready to be judged: the checks of its cells, and the run in which they are examined. */
export interface OpenedLeg {
  readonly leg: MatrixLeg;
  readonly run: GateRun;
  readonly cells: readonly Cell[];
  readonly checks: readonly PlannedCheck[];
}

export interface LegSurroundings extends MatrixSurroundings {
  /** Opened, the one against which the others are compared first. */
  readonly hosts: ReadonlyMap<string, Host>;
  readonly promises: SuitePromises;
}

/** Opens a leg for some of its cells. Throws what opening the inputs of a gate throws. */
export async function openLeg(
  leg: MatrixLeg,
  cells: readonly Cell[],
  surroundings: LegSurroundings,
): Promise<OpenedLeg> {
  const { options, plan, bundles, hosts, promises, log, told, reportDirectory, progress, stack } =
    surroundings;
  const { axes } = plan;
  const several = {
    bundle: axes.bundles.length > 1,
    compute: imageRows(axes.images).length > 1,
    workload: axes.workloads.length > 1,
  };
  const inputs = await openInputs(
    {
      ...options.gate,
      candidate: bundles.find(({ name }) => name === leg.bundle)?.path,
      computeImages: leg.images.map((image) => imageOf(options.images, image)),
      majors: leg.majors,
      suites: leg.suites,
      hosts: options.gate.hosts.filter(({ name }: HostRequest) => hosts.has(name)),
      captures: options.workloads.find(({ name }) => name === leg.workload)?.captures ?? [],
    },
    {
      log: legLog(log, told, {
        bundle: several.bundle ? leg.bundle : undefined,
        workload: several.workload ? leg.workload : undefined,
        computeOf: (major) =>
          several.compute ? leg.images.find((image) => image.major === major)?.name : undefined,
      }),
      reportDirectory,
      progress,
      stack,
      part: { hosts, hostNames: axes.hosts, firstHost: axes.firstHost, cells },
    },
  );
  const run = stack.use(await GateRun.open(inputs));
  return { leg, run, cells, checks: promises.checksOf(inputs.plan) };
}

function imageOf(
  images: readonly ComputeImage[],
  { name, major }: { readonly name: string; readonly major: number },
): ComputeImage {
  const image = images.find((each) => each.name === name && each.major === major);
  if (image === undefined) throw new Error(`no image ${name} of PostgreSQL ${String(major)}`);
  return image;
}
