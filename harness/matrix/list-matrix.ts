import { openGivenTapes } from '../gate/replay/given-tapes.ts';
import { listedPlan } from '../gate/plan/listed-plan.ts';
import { SuitePromises } from '../gate/plan/suite-promises.ts';
import type { Progress } from '../host/progress.ts';
import { temporaryDirectory } from '../host/run-directory.ts';
import type { Check } from '../verdict/cell.ts';
import { makePlan } from './make-plan.ts';
import type { MatrixOptions } from './matrix-options.ts';
import { placedCells } from './placed-cells.ts';

/**
 * What a matrix, or a shard of it, would check. Bundles are opened and asked for their majors on the first host, as for every
 * plan; nothing is judged. Throws what making the plan throws.
 */
export async function listMatrix(options: MatrixOptions, progress: Progress): Promise<readonly Check[]> {
  const { gate, workloads } = options;
  // Bundles take their time to answer, and so do the suites' files to load.
  const [{ plan, bundles }, promises] = await Promise.all([
    makePlan(options, progress),
    SuitePromises.collect(),
  ]);
  const wanted = new Set(placedCells(plan, options.shard).map(({ cell }) => cell));
  await using scratch = await temporaryDirectory('tapes made of recordings');
  const given = openGivenTapes(gate.tapes, gate.majors, scratch.path);
  const { firstHost } = plan.axes;
  return plan.legs.flatMap(({ bundle, majors, suites, workload, cells }) => {
    const layout = bundles.find(({ name }) => name === bundle)?.layout;
    if (layout === undefined) throw new Error(`no bundle ${bundle}`);
    const captures = workloads.find(({ name }) => name === workload)?.captures ?? [];
    const legPlan = listedPlan(
      { ...gate, suites, captures },
      { majors, layout, firstHost },
      given,
      cells.filter((cell) => wanted.has(cell)),
    );
    return promises.checksOf(legPlan).map(({ id, cell, promise }) => ({ id, cell, promise }));
  });
}
