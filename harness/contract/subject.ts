import type { Bundle } from '../bundle/open.ts';
import type { Host } from '../host/engine.ts';
import type { Finding } from '../verdict/finding.ts';

/** What the checks of a bundle's behaviour are about: one major of a bundle, on one host. */
export interface Subject {
  readonly bundle: Bundle;
  readonly major: number;
  readonly host: Host;
  /** A folder of the machine in which checks may make files. */
  readonly scratch: string;
  /** How long a process may take to answer or to end before it counts as hung. */
  readonly answerTimeoutMs: number;
}

/** What a check brought to light: what is wrong, and what is worth knowing. */
export interface Discovery {
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
}

/** All that several checks brought to light, in order. */
export function together(discoveries: readonly Discovery[]): Discovery {
  return {
    findings: discoveries.flatMap(({ findings }) => findings),
    notes: discoveries.flatMap(({ notes }) => notes),
  };
}
