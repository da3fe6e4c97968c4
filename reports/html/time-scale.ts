/** A scale from zero to the end of a run. */
export interface TimeScale {
  readonly totalMs: number;
  /** Round times, from zero on. */
  readonly ticksMs: readonly number[];
  /** Where a time lies, in percent. */
  readonly share: (timeMs: number) => string;
}

const mostTicks = 6;

/** The scale of a run of so many milliseconds, with a handful of ticks at whole multiples of 1, 2 or 5. */
export function timeScale(totalMs: number): TimeScale {
  const least = totalMs / mostTicks;
  const power = 10 ** Math.floor(Math.log10(least));
  const stepMs = ([1, 2, 5, 10].find((factor) => factor * power >= least) ?? 10) * power;
  const ticksMs = Array.from({ length: Math.floor(totalMs / stepMs) + 1 }, (_, tick) => tick * stepMs);
  return { totalMs, ticksMs, share: (timeMs) => `${((100 * timeMs) / totalMs).toFixed(3)}%` };
}
