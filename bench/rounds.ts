/** Does something once and says how long it took, in milliseconds. */
export type Contender = () => Promise<number>;

/**
 * Lets contenders run in turn, so that a noisy machine is noisy for all of them, and returns the median time of each. A
 * first round fills caches and is not counted.
 */
export async function medians<Names extends string>(
  rounds: number,
  contenders: Readonly<Record<Names, Contender>>,
): Promise<Record<Names, number>> {
  const names = Object.keys(contenders) as Names[];
  const times = new Map<Names, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const time = await contenders[name]();
      if (round > 0) times.get(name)?.push(time);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times.get(name) ?? [])])) as Record<
    Names,
    number
  >;
}

/** The time that `work` takes, in milliseconds. */
export async function timeOf(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
