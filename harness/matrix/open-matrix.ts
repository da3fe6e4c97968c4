import { openHosts } from '../gate/inputs/open-hosts.ts';
import { SuitePromises } from '../gate/plan/suite-promises.ts';
import type { Host } from '../host/engine.ts';
import { isMadeHere } from '../host/host-root.ts';
import type { Progress } from '../host/progress.ts';
import { hostRecipe } from '../host/debian/recipes.ts';
import { ensureRoots } from '../host/root.ts';
import type { EventSink } from '../verdict/event.ts';
import type { ToldFacts } from './leg-log.ts';
import type { MatrixOptions } from './matrix-options.ts';
import type { MatrixPlan, PlacedCell } from './matrix-plan.ts';
import type { PlacedBundle } from './open-bundles.ts';
import { type OpenedLeg, openLeg } from './open-legs.ts';

export interface MatrixSurroundings {
  readonly options: MatrixOptions;
  readonly plan: MatrixPlan;
  readonly bundles: readonly PlacedBundle[];
  readonly log: EventSink;
  readonly told: ToldFacts;
  readonly reportDirectory: string;
  readonly progress: Progress;
  readonly stack: AsyncDisposableStack;
}

/**
 * Opens what some cells of a plan need: their hosts, and a gate for each of their legs. Cells of hosts that a run can do
 * without, and has to, are left out. Throws what opening hosts and the inputs of a gate throws.
 */
export async function openMatrix(
  placed: readonly PlacedCell[],
  surroundings: MatrixSurroundings,
): Promise<readonly OpenedLeg[]> {
  const hosts = await openNeededHosts(placed, surroundings);
  const promises = await SuitePromises.collect();
  const wanted = new Set(placed.map(({ cell }) => cell));
  const legs: OpenedLeg[] = [];
  for (const leg of surroundings.plan.legs) {
    const cells = leg.cells.filter((cell) => wanted.has(cell) && hosts.has(cell.host));
    if (cells.length > 0) legs.push(await openLeg(leg, cells, { ...surroundings, hosts, promises }));
  }
  return legs;
}

/** The hosts of the cells, and the one against which they are compared, which comes first. */
async function openNeededHosts(
  placed: readonly PlacedCell[],
  { options: { gate, images }, plan: { axes }, log, progress, stack }: MatrixSurroundings,
): Promise<ReadonlyMap<string, Host>> {
  const needed = new Set([axes.firstHost, ...placed.map(({ cell }) => cell.host)]);
  const requests = gate.hosts.filter(({ name }) => needed.has(name));
  await ensureRoots(
    [
      ...requests.filter(isMadeHere).map(({ name }) => hostRecipe(name)),
      ...(gate.tapes.length > 0 ? [] : images)
        .map(({ recipe }) => recipe)
        .filter(({ kind }) => kind !== 'given'),
    ],
    progress,
  );
  const opened = await openHosts({ hosts: requests, engine: gate.engine }, { log, progress, stack });
  const first = opened.get(axes.firstHost);
  return first === undefined ? opened : new Map([[axes.firstHost, first], ...opened]);
}
