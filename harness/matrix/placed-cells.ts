import { type MatrixPlan, type PlacedCell, workOrder } from './matrix-plan.ts';
import { type Shard, shardCells } from './shard.ts';

/** The cells of a plan, or of one shard of it, in the order in which they are judged. Throws `too-many-shards` (usage). */
export function placedCells(plan: MatrixPlan, shard: Shard | undefined): readonly PlacedCell[] {
  return shard === undefined ? workOrder(plan) : shardCells(plan, shard);
}
