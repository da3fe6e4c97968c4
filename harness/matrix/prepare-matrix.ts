import { wholeLifePlan } from '../gate/capture/capture-plan.ts';
import { forEachCell } from '../gate/plan/check-queue.ts';
import type { Progress } from '../host/progress.ts';
import { temporaryDirectory } from '../host/run-directory.ts';
import type { SuiteName } from '../verdict/cell.ts';
import type { EventSink, TapeFacts } from '../verdict/event.ts';
import { ToldFacts } from './leg-log.ts';
import { makePlan } from './make-plan.ts';
import type { MatrixOptions } from './matrix-options.ts';
import { openMatrix } from './open-matrix.ts';
import { placedCells } from './placed-cells.ts';

/**
 * Makes all that the cells of a matrix are judged with, roots, bundles, helpers and tapes, and judges nothing. Shards that
 * share what was made here (the cache, or its tapes) judge on the same tapes. Returns the tapes. Throws what running throws.
 */
export async function prepareMatrix(
  options: MatrixOptions,
  { progress, stack }: { readonly progress: Progress; readonly stack: AsyncDisposableStack },
): Promise<readonly TapeFacts[]> {
  const tapes: TapeFacts[] = [];
  const log: EventSink = {
    append: (event) => {
      if (event.type === 'tape') tapes.push(event.tape);
    },
  };
  const { plan, bundles } = await makePlan(options, progress);
  const placed = placedCells(plan, options.shard);
  const { path: reportDirectory } = stack.use(await temporaryDirectory('what is prepared'));
  const told = new ToldFacts([]);
  const legs = await openMatrix(placed, {
    options,
    plan,
    bundles,
    log,
    told,
    reportDirectory,
    progress,
    stack,
  });
  const wanted = legs.flatMap(({ run, cells }) =>
    [...new Set(cells.map(({ major }) => major))].flatMap((major) => {
      const has = (suite: SuiteName): boolean =>
        cells.some((cell) => cell.major === major && cell.suite === suite);
      const labels = [
        ...(has('walredo') ? run.plan.shape.tapeLabels(major) : []),
        ...(has('readback') ? [wholeLifePlan.label] : []),
      ];
      return labels.map((label) => ({ run, major, label }));
    }),
  );
  await forEachCell(wanted, async ({ run, major, label }) => {
    await run.tape(major, label);
  });
  return tapes.toSorted((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1));
}

function nameOf({ major, compute, label }: TapeFacts): string {
  return [major, compute, label].join(' ');
}
