import type { Cell } from '../../verdict/cell.ts';
import type { GateOptions } from '../gate-options.ts';
import { GatePlan, type GateShape } from './gate-plan.ts';
import type { GivenTape } from '../replay/given-tapes.ts';
import { tapeShape } from './tape-shape.ts';

/** The plan of a run that is only listed: which minors its bundle and its tapes are of is not asked. */
export function listedPlan(
  options: GateOptions,
  shape: Pick<GateShape, 'majors' | 'layout' | 'firstHost'>,
  given: readonly GivenTape[],
  cells?: readonly Cell[],
): GatePlan {
  const { suites, hosts, baseline, lock, initdbMatrix, locales, kernelFloor, only, captures } = options;
  return new GatePlan(
    {
      ...shape,
      suites,
      hosts: hosts.map(({ name }) => name),
      hasBaseline: baseline !== undefined,
      hasPin: lock !== undefined,
      initdbMatrix,
      locales,
      kernelFloor,
      skews: [],
      ...(only === undefined ? {} : { only }),
      ...tapeShape(given, captures),
    },
    cells,
  );
}
