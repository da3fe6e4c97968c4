import { isDeepStrictEqual } from 'node:util';

import { RedoubtError } from '../error.ts';
import type { Cell, Check } from '../verdict/cell.ts';
import type { HostFacts, TimedEvent } from '../verdict/event.ts';
import { firstDifference } from './axes-difference.ts';
import type { EarlierRun } from './matrix-directory.ts';
import type { MatrixPlan } from './matrix-plan.ts';
import type { Shard } from './shard.ts';

/** What of an earlier run of the same plan need not be done again. */
export interface Resumption {
  /** Cells of which every check passed, failed or was accepted. */
  readonly done: ReadonlySet<string>;
  /** The events of their checks, the tapes on which they were judged, and what changes from the pinned bundle. */
  readonly kept: readonly TimedEvent[];
}

/** Throws `matrix-differs` (usage) when the folder belongs to another plan, or another shard of it. */
export function requireSamePlan(
  path: string,
  { plan: stored }: EarlierRun,
  plan: MatrixPlan,
  shard: Shard | undefined,
): void {
  const difference =
    stored.digest === plan.digest
      ? isDeepStrictEqual(stored.shard, shard ?? null)
        ? undefined
        : `it is ${shardWords(stored.shard)}, this is ${shardWords(shard ?? null)}`
      : firstDifference(stored.axes, plan.axes, 'there', 'here');
  if (difference === undefined) return;
  throw new RedoubtError(
    'usage',
    'matrix-differs',
    `${path} holds a run of another matrix, which cannot be gone on with: ${difference}`,
    { remedy: 'Type the command as it was typed then, or name another folder with --report.' },
  );
}

/**
 * What is left to do of a plan after an earlier run: a cell of which any check did not end, or could not be judged, is done
 * anew. Throws `host-changed` when a host is no longer what it was.
 */
export function resumptionOf(
  events: readonly TimedEvent[],
  cells: readonly Cell[],
  checks: readonly Check[],
  hosts: readonly HostFacts[],
): Resumption {
  for (const event of events) if (event.type === 'host') requireSameHost(event.host, hosts);
  const judged = new Set(
    events.flatMap((event) =>
      event.type === 'check-ended' && event.outcome !== 'not judged' ? [event.check] : [],
    ),
  );
  const checksOf = Map.groupBy(checks, ({ cell }) => cell);
  const done = new Set(
    cells.flatMap(({ id }) => {
      const own = checksOf.get(id) ?? [];
      return own.length > 0 && own.every((check) => judged.has(check.id)) ? [id] : [];
    }),
  );
  const cellOf = new Map(checks.map(({ id, cell }) => [id, cell]));
  const kept = events.filter((event) => {
    if (event.type === 'tape' || event.type === 'pin-compared') return true;
    return 'check' in event && done.has(cellOf.get(event.check) ?? '');
  });
  return { done, kept };
}

function requireSameHost(then: HostFacts, hosts: readonly HostFacts[]): void {
  const now = hosts.find(({ name }) => name === then.name);
  const difference =
    now === undefined
      ? 'it cannot be had any more'
      : firstDifference(ofContent(then), ofContent(now), 'then', 'now');
  if (difference === undefined) return;
  throw new RedoubtError(
    'infrastructure',
    'host-changed',
    `the host ${then.name} is no longer what it was when cells were judged on it: ${difference}`,
    { remedy: 'Begin anew in another folder.' },
  );
}

/** Where an archive lies is of no account. */
export function ofContent({ archive, ...facts }: HostFacts): object {
  return { ...facts, archive: archive?.digest ?? null };
}

function shardWords(shard: Shard | null): string {
  return shard === null ? 'the whole plan' : `shard ${String(shard.index)}/${String(shard.count)}`;
}
