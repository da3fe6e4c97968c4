import { RedoubtError } from '../error.ts';
import { firstDifference } from './axes-difference.ts';
import { ofContent } from './resumption.ts';
import { shardOf, type ShardRun, shortcomingOf } from './shard-run.ts';

/** The shards that make one matrix, by their index, and why they are not all of it. */
export interface ChosenShards {
  readonly runs: readonly ShardRun[];
  /** Empty when they are whole. */
  readonly faults: readonly string[];
}

/** What is wrong with the shards that were given, and what kind of mistake it is. */
interface Fault {
  readonly kind: 'usage' | 'infrastructure';
  readonly code: 'shards-differ' | 'shard-twice' | 'shards-missing';
  readonly words: string;
}

/**
 * The runs that belong together: of one plan, each shard once, each whole. What does not belong with the first is left out
 * when a part will do; `lost` are folders that hold none. Throws `shards-differ`, `shard-twice` (usage), `shards-missing` (infrastructure) unless a part will do.
 */
export function chooseShards(
  runs: readonly ShardRun[],
  allowPartial: boolean,
  lost: readonly string[] = [],
): ChosenShards {
  const faults: Fault[] = [];
  const chosen: ShardRun[] = [];
  for (const run of runs) {
    const fault = strangeness(run, chosen);
    if (fault === undefined) chosen.push(run);
    else faults.push(fault);
  }
  faults.push(...lost.map((path) => notThere(`${path} holds no run of redoubt matrix`)), ...missing(chosen));
  const [first] = faults;
  if (first !== undefined && !allowPartial) {
    throw new RedoubtError(first.kind, first.code, faults.map(({ words }) => words).join('; '), {
      remedy: faults.some(({ words }) => words.includes(': another tape '))
        ? 'Let the shards share what is captured: redoubt matrix --prepare makes it once, and its tapes go into the cache of each machine.'
        : first.code === 'shards-missing'
          ? 'Run what is missing (a shard that was cut off goes on with the same --report), or merge what there is with --allow-partial: never a pass.'
          : 'Name each shard of one plan once.',
    });
  }
  return {
    runs: chosen.toSorted((left, right) => shardOf(left).index - shardOf(right).index),
    faults: faults.map(({ words }) => words),
  };
}

/** Why a run does not belong with those before it. */
function strangeness(run: ShardRun, before: readonly ShardRun[]): Fault | undefined {
  const [first] = before;
  if (first === undefined) return undefined;
  const differ = (what: string): Fault => ({
    kind: 'usage',
    code: 'shards-differ',
    words: `${run.path} does not belong with ${first.path}: ${what}`,
  });
  if (run.plan.digest !== first.plan.digest) {
    const difference = firstDifference(first.plan.axes, run.plan.axes, `in ${first.path}`, `in ${run.path}`);
    return differ(`another plan: ${difference ?? 'its digest differs'}`);
  }
  const [own, others] = [shardOf(run), shardOf(first)];
  if (own.count !== others.count)
    return differ(`one of ${String(own.count)} shards, not of ${String(others.count)}`);
  const twin = before.find((each) => shardOf(each).index === own.index);
  if (twin !== undefined) {
    const name = `${String(own.index)}/${String(own.count)}`;
    return {
      kind: 'usage',
      code: 'shard-twice',
      words: `shard ${name} is there twice: ${twin.path}, ${run.path}`,
    };
  }
  for (const other of before) {
    const difference = differenceOfFacts(other, run);
    if (difference !== undefined)
      return {
        ...differ(difference),
        words: `${run.path} does not belong with ${other.path}: ${difference}`,
      };
  }
  return undefined;
}

/** What two shards judged on: hosts and tapes of one name must be the same, or not be had by either. */
function differenceOfFacts(left: ShardRun, right: ShardRun): string | undefined {
  const [one, other] = [factsOf(left), factsOf(right)];
  for (const [name, facts] of one) {
    const others = other.get(name);
    const difference =
      others === undefined
        ? undefined
        : firstDifference(facts, others, `in ${left.path}`, `in ${right.path}`);
    if (difference !== undefined) return `another ${name}: ${difference}`;
  }
  return undefined;
}

function factsOf({ events }: ShardRun): ReadonlyMap<string, unknown> {
  return new Map(
    events.flatMap((event): readonly (readonly [string, unknown])[] => {
      if (event.type === 'host') return [[`host ${event.host.name}`, ofContent(event.host)]];
      if (event.type === 'host-absent') return [[`host ${event.host.name}`, 'not to be had']];
      if (event.type !== 'tape') return [];
      const { label, major, compute, variant, digest } = event.tape;
      const words = [compute, variant?.bundle, variant?.workload].filter((word) => typeof word === 'string');
      return [[`tape pg${String(major)} ${[label, ...words].join(' ')}`, { digest }]];
    }),
  );
}

function notThere(words: string): Fault {
  return { kind: 'infrastructure', code: 'shards-missing', words };
}

function missing(chosen: readonly ShardRun[]): readonly Fault[] {
  const [first] = chosen;
  if (first === undefined) return [];
  const { count } = shardOf(first);
  const there = new Set(chosen.map((run) => shardOf(run).index));
  const absent = Array.from({ length: count }, (_, at) => at + 1).filter((index) => !there.has(index));
  const short = chosen.flatMap((run) => {
    const shortcoming = shortcomingOf(run);
    const name = `shard ${String(shardOf(run).index)}/${String(count)}`;
    return shortcoming === undefined ? [] : [notThere(`${name} (${run.path}) is not whole: ${shortcoming}`)];
  });
  const names = absent.map((index) => `${String(index)}/${String(count)}`).join(', ');
  return [...(absent.length === 0 ? [] : [notThere(`missing: shard ${names}`)]), ...short];
}
