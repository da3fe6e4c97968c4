/** What doing something once cost, in milliseconds; CPU of all threads that worked on it. */
export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Does something once and says what it cost. */
export type Contender = () => Promise<Cost>;

/**
 * Lets contenders run in turn, so that a noisy machine is noisy for all of them, and returns the median costs of each. A
 * first round fills caches and is not counted.
 */
export async function medians<Names extends string>(
  rounds: number,
  contenders: Readonly<Record<Names, Contender>>,
): Promise<Record<Names, Cost>> {
  const names = Object.keys(contenders) as Names[];
  const costs = new Map<Names, Cost[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const cost = await contenders[name]();
      if (round > 0) costs.get(name)?.push(cost);
    }
  }
  return Object.fromEntries(names.map((name) => [name, medianCost(costs.get(name) ?? [])])) as Record<
    Names,
    Cost
  >;
}

/** What `work` costs; CPU is this process's, of all its threads. */
export async function costOf(work: () => unknown): Promise<Cost> {
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  await work();
  const wallMs = performance.now() - started;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { wallMs, cpuMs: (user + system) / 1000 };
}

function medianCost(costs: readonly Cost[]): Cost {
  return {
    wallMs: median(costs.map(({ wallMs }) => wallMs)),
    cpuMs: median(costs.map(({ cpuMs }) => cpuMs)),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
