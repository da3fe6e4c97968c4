/** What was measured against a real peer in the same run; times in milliseconds, medians over the rounds. */
export interface Measurement {
  readonly name: string;
  readonly ours: string;
  readonly peer: string;
  /** How the two compare, and what is aimed at; `required` targets fail the run when they are missed. */
  readonly ratio: number | undefined;
  readonly target:
    { readonly words: string; readonly isMet: boolean; readonly required: boolean } | undefined;
}

/** How long ours may take, as a multiple of the peer's time. */
export function timeRatio(
  name: string,
  [oursMs, peerMs]: readonly [number, number],
  target?: { readonly most: number; readonly required: boolean },
): Measurement {
  const ratio = oursMs / peerMs;
  return {
    name,
    ours: milliseconds(oursMs),
    peer: milliseconds(peerMs),
    ratio,
    target: target && {
      words: `at most ${target.most.toFixed(2)}x its time`,
      isMet: ratio <= target.most,
      required: target.required,
    },
  };
}

/** How fast ours must be, as a fraction of the peer's speed. */
export function speedRatio(
  name: string,
  [oursMs, peerMs]: readonly [number, number],
  least: number,
): Measurement {
  const ratio = peerMs / oursMs;
  return {
    name,
    ours: milliseconds(oursMs),
    peer: milliseconds(peerMs),
    ratio,
    target: { words: `at least ${least.toFixed(2)}x its speed`, isMet: ratio >= least, required: false },
  };
}

function milliseconds(value: number): string {
  return `${value.toFixed(value < 100 ? 1 : 0)} ms`;
}
