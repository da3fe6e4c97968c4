import type { CapturePlan } from '../capture/capture-plan.ts';
import type { GateShape } from './gate-plan.ts';
import type { GivenTape } from '../replay/given-tapes.ts';

/** What the tapes of a run are called, and which have an oracle: those that were given, else those that are captured. */
export function tapeShape(
  given: readonly GivenTape[],
  captures: readonly CapturePlan[],
): Pick<GateShape, 'tapeLabels' | 'hasOracle'> {
  if (given.length === 0)
    return { tapeLabels: () => captures.map(({ label }) => label), hasOracle: () => true };
  return {
    tapeLabels: (major) =>
      given.filter(({ tape }) => tape.manifest.major === major).map(({ label }) => label),
    hasOracle: (label) => given.every((each) => each.label !== label || each.tape.manifest.counts.judged > 0),
  };
}
