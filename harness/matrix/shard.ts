import { RedoubtError } from '../error.ts';
import type { Cell } from '../verdict/cell.ts';
import { type MatrixPlan, type PlacedCell, workOrder } from './matrix-plan.ts';

/** One of `count` parts of a plan; `index` counts from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** Reads `2/3`. Throws `invalid-shard` (usage). */
export function parseShard(typed: string): Shard {
  const [, index, count] = (/^(\d{1,6})\/(\d{1,6})$/.exec(typed) ?? []).map(Number);
  if (index === undefined || count === undefined || index < 1 || index > count) {
    throw new RedoubtError('usage', 'invalid-shard', `--shard ${typed}: not a part of a whole`, {
      remedy: 'Write --shard 1/3 for the first of three.',
    });
  }
  return { index, count };
}

/** About how long a cell takes, against others: seconds, where they were measured. Only the balance of shards rests on it. */
const costs = { contract: 1, initdb: 4, walredo: 2, collation: 2, readback: 6 } as const;
const costsOfFirstHost = { contract: 16, initdb: 4, walredo: 2, collation: 4, readback: 12 } as const;

function costOf({ suite, host }: Cell, firstHost: string): number {
  return (host === firstHost ? costsOfFirstHost : costs)[suite];
}

/**
 * The cells of one shard, in the order in which they are judged: a stretch of the plan, so that most of what cells share is
 * made in one shard alone. Shards of one plan have every cell once, none is empty, and no two differ by much more than one
 * cell's cost. Throws `too-many-shards` (usage).
 */
export function shardCells(plan: MatrixPlan, { index, count }: Shard): readonly PlacedCell[] {
  const cells = workOrder(plan);
  if (count > cells.length) {
    throw new RedoubtError(
      'usage',
      'too-many-shards',
      `--shard ${String(index)}/${String(count)}: the plan has ${String(cells.length)} cells, fewer than shards`,
      { remedy: `Cut it into ${String(cells.length)} shards at most.` },
    );
  }
  const ends = shardEnds(
    cells.map(({ cell }) => costOf(cell, plan.axes.firstHost)),
    count,
  );
  return cells.slice(ends[index - 2] ?? 0, ends[index - 1]);
}

/** Where each shard ends: as near to its part of the whole cost as cells allow, and with one cell at least. */
function shardEnds(cellCosts: readonly number[], count: number): readonly number[] {
  const total = cellCosts.reduce((sum, cost) => sum + cost, 0);
  const ends: number[] = [];
  let [end, spent] = [0, 0];
  for (let shard = 1; shard <= count; shard++) {
    const latest = cellCosts.length - (count - shard);
    const wanted = (total * shard) / count;
    const first = end;
    while (end < latest) {
      const cost = cellCosts[end] ?? 0;
      // The cell goes where the greater part of it lies.
      if (end > first && spent + cost / 2 > wanted) break;
      spent += cost;
      end++;
    }
    ends.push(end);
  }
  return ends;
}
