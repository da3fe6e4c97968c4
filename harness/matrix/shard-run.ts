import type { TimedEvent } from '../verdict/event.ts';
import type { EarlierRun } from './matrix-directory.ts';
import { type MatrixPlan, planMatrix } from './matrix-plan.ts';
import { type Shard, shardCells } from './shard.ts';

/** One shard that was run: a whole plan counts as the first of one. */
export interface ShardRun extends EarlierRun {
  /** The folder of its report. */
  readonly path: string;
}

/** Which part of its plan a run has. */
export function shardOf({ plan }: Pick<ShardRun, 'plan'>): Shard {
  return plan.shard ?? { index: 1, count: 1 };
}

/** Why the results of a shard are not all that its part of the plan asks for; undefined when they are. */
export function shortcomingOf({ plan: stored, events }: ShardRun): string | undefined {
  const failure = events.find((event) => event.type === 'run-failed');
  if (failure !== undefined) return `it failed: ${failure.reason}`;
  if (!events.some(({ type }) => type === 'run-ended')) return 'it was cut off before its end';
  const plan = planMatrix(stored.axes);
  const wanted = shardCells(plan, shardOf({ plan: stored })).map(({ cell }) => cell);
  const planned = new Set(plannedCells(events));
  const absent = absentHosts(events);
  const missing = wanted.filter(({ id, host }) => !planned.has(id) && !absent.has(host));
  if (missing.length > 0) return `it lacks ${missing[0]?.id ?? ''} (${String(missing.length)} of its cells)`;
  const own = new Set(wanted.map(({ id }) => id));
  const strange = [...planned].find((id) => !own.has(id));
  return strange === undefined ? undefined : `it has ${strange}, which is not of that part of the plan`;
}

/** Ids of the cells that a run set out to judge. */
export function plannedCells(events: readonly TimedEvent[]): readonly string[] {
  return events.flatMap((event) => (event.type === 'planned' ? event.cells.map(({ id }) => id) : []));
}

/** Hosts that a run could do without, and had to. */
export function absentHosts(events: readonly TimedEvent[]): ReadonlySet<string> {
  return new Set(events.flatMap((event) => (event.type === 'host-absent' ? [event.host.name] : [])));
}

/** The plan that all shards of one matrix make. */
export function planOf({ plan }: Pick<ShardRun, 'plan'>): MatrixPlan {
  return planMatrix(plan.axes);
}
