import type { Check } from '../verdict/cell.ts';
import type { BundleFacts, GateEvent, TimedEvent } from '../verdict/event.ts';
import type { MinorSkew } from '../verdict/minor-skew.ts';
import type { ChosenShards } from './choose-shards.ts';
import type { MatrixPlan } from './matrix-plan.ts';
import { absentHosts, planOf } from './shard-run.ts';

/**
 * The events of a whole matrix out of those of its shards: what stands in all is told once, in the order of the plan. Where
 * a part is missing the run counts as failed, so that nothing is judged.
 */
export function mergedEvents({ runs, faults }: ChosenShards): readonly TimedEvent[] {
  const [first] = runs;
  if (first === undefined) return [];
  const plan = planOf(first);
  const all = runs.flatMap(({ events }) => events);
  const absent = absentHosts(all);
  const times = all.map(({ at }) => at).toSorted();
  const [from = '', to = ''] = [times[0], times.at(-1)];
  return [
    ...startOf(all, from),
    ...inOrder(once(ofType(all, 'bundle')), ({ bundle }) => rankOf(plan, bundle)),
    ...inOrder(once(ofType(all, 'host')), ({ host }) => plan.axes.hosts.indexOf(host.name)),
    ...inOrder(once(ofType(all, 'host-absent')), ({ host }) => plan.axes.hosts.indexOf(host.name)),
    ...inOrder(once(ofType(all, 'skew')), ({ skew }) => legOf(plan, skew)),
    ...ofType(all, 'policy').slice(0, 1),
    ...ofType(all, 'pin').slice(0, 1),
    ...ofType(all, 'options')
      .slice(0, 1)
      .map(({ options: { matrix, ...options } }) => {
        const { shard: _, ...whole } = matrix ?? {};
        const hosts = plan.axes.hosts.filter((name) => !absent.has(name));
        return at(from, {
          type: 'options',
          options: { ...options, hosts, matrix: whole as NonNullable<typeof matrix> },
        });
      }),
    at(from, { type: 'planned', ...plannedOf(plan, all, absent) }),
    ...once(ofType(all, 'tape')),
    ...all.filter((event) => 'check' in event || event.type === 'pin-compared'),
    at(to, endOf(all, faults)),
  ];
}

function at(when: string, event: GateEvent): TimedEvent {
  return { at: when, ...event };
}

function startOf(all: readonly TimedEvent[], from: string): readonly TimedEvent[] {
  const started = ofType(all, 'run-started');
  const [first] = started;
  if (first === undefined) return [];
  return [{ ...first, at: from, machine: [...new Set(started.map(({ machine }) => machine))].join(', ') }];
}

function plannedOf(
  plan: MatrixPlan,
  all: readonly TimedEvent[],
  absent: ReadonlySet<string>,
): Pick<Extract<GateEvent, { type: 'planned' }>, 'cells' | 'checks'> {
  const checks = Map.groupBy(
    ofType(all, 'planned').flatMap((event): readonly Check[] => event.checks),
    ({ cell }) => cell,
  );
  const cells = plan.legs.flatMap((leg) => leg.cells).filter(({ host }) => !absent.has(host));
  return { cells, checks: cells.flatMap(({ id }) => checks.get(id) ?? []) };
}

function endOf(all: readonly TimedEvent[], faults: readonly string[]): GateEvent {
  if (faults.length > 0)
    return {
      type: 'run-failed',
      code: 'shards-missing',
      reason: `only a part was merged: ${faults.join('; ')}`,
    };
  const ends = ofType(all, 'run-ended');
  return {
    type: 'run-ended',
    testsRun: ends.reduce((sum, { testsRun }) => sum + testsRun, 0),
    peakRssBytes: Math.max(0, ...ends.map(({ peakRssBytes }) => peakRssBytes)),
  };
}

/** The baseline is told behind the first candidate. */
function rankOf({ axes }: MatrixPlan, { role, name }: BundleFacts): number {
  if (role === 'baseline') return 0.5;
  return name === undefined ? 0 : axes.bundles.findIndex((each) => each.name === name);
}

/** The leg that a skew is about, and its major behind it. */
function legOf({ legs }: MatrixPlan, { variant = {}, major }: MinorSkew): number {
  const { bundle, compute, workload } = variant;
  const leg = legs.findIndex(
    (each) =>
      (bundle === undefined || each.bundle === bundle) &&
      (compute === undefined ||
        each.images.some((image) => image.name === compute && image.major === major)) &&
      (workload === undefined || each.workload === workload),
  );
  return leg * 100 + major;
}

function ofType<Type extends TimedEvent['type']>(
  events: readonly TimedEvent[],
  type: Type,
): readonly Extract<TimedEvent, { type: Type }>[] {
  return events.filter((event): event is Extract<TimedEvent, { type: Type }> => event.type === type);
}

/** What several shards tell, told once; of a bundle, host or tape that each shard names by its own path the first. */
function once<Event extends TimedEvent>(events: readonly Event[]): readonly Event[] {
  const told = new Map<string, Event>();
  for (const event of events) {
    const key = keyOf(event);
    if (!told.has(key)) told.set(key, event);
  }
  return [...told.values()];
}

function keyOf(event: TimedEvent): string {
  switch (event.type) {
    case 'bundle':
      return JSON.stringify([event.bundle.role, event.bundle.name ?? null, event.bundle.digest]);
    case 'host':
    case 'host-absent':
      return event.host.name;
    case 'tape': {
      const { variant, major, compute, label } = event.tape;
      return JSON.stringify([variant ?? null, major, compute, label]);
    }
    default: {
      const { at: _, ...fact } = event;
      return JSON.stringify(fact);
    }
  }
}

function inOrder<Event>(events: readonly Event[], rank: (event: Event) => number): readonly Event[] {
  return events.toSorted((left, right) => rank(left) - rank(right));
}
