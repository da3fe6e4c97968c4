import type { Cost } from './rounds.ts';

/** What was measured against a real peer in the same run; medians over the rounds. */
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
  [ours, peer]: readonly [number, number],
  target?: { readonly most: number; readonly required: boolean },
): Measurement {
  const ratio = ours / peer;
  return {
    name,
    ours: milliseconds(ours),
    peer: milliseconds(peer),
    ratio,
    target: target && {
      words: `at most ${target.most.toFixed(2)}x its time`,
      isMet: ratio <= target.most,
      required: target.required,
    },
  };
}

/** How fast ours must be on the wall, as a fraction of the peer's speed; CPU is shown beside it. */
export function speedRatio(
  name: string,
  [ours, peer]: readonly [Cost, Cost],
  target: { readonly least: number; readonly required: boolean },
): Measurement {
  const ratio = peer.wallMs / ours.wallMs;
  return {
    name,
    ours: withCpu(ours),
    peer: withCpu(peer),
    ratio,
    target: {
      words: `at least ${target.least.toFixed(2)}x its speed`,
      isMet: ratio >= target.least,
      required: target.required,
    },
  };
}

/** How much memory the larger of two tasks may take, as a multiple of the smaller one's. */
export function memoryRatio(
  name: string,
  [large, small]: readonly [number, number],
  target: { readonly most: number; readonly required: boolean },
): Measurement {
  const ratio = large / small;
  return {
    name,
    ours: megabytes(large),
    peer: megabytes(small),
    ratio,
    target: {
      words: `at most ${target.most.toFixed(2)}x its memory`,
      isMet: ratio <= target.most,
      required: target.required,
    },
  };
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

function withCpu({ wallMs, cpuMs }: Cost): string {
  return `${milliseconds(wallMs)}, CPU ${milliseconds(cpuMs)}`;
}

function milliseconds(value: number): string {
  return `${value.toFixed(value < 100 ? 1 : 0)} ms`;
}
