import type { Bundle } from '../../bundle/open.ts';
import type { Host } from '../../host/engine.ts';
import type { Progress } from '../../host/progress.ts';
import type { OpenedLock } from '../../pin/opened-lock.ts';
import type { Tape } from '../../redo/tape/tape.ts';
import type { EventSink } from '../../verdict/event.ts';
import type { PolicyFacts } from '../../verdict/tolerance.ts';
import type { GatePlan } from '../plan/gate-plan.ts';
import type { OpenedBundle } from './opened-bundle.ts';

/** The compute image of a major, opened. */
export interface ComputeServer {
  /** As the user names it: `debian:12`, `npm:17.10`. */
  readonly name: string;
  readonly host: Host;
}

/** All that a run works with. */
export interface GateInputs {
  readonly plan: GatePlan;
  readonly hosts: ReadonlyMap<string, Host>;
  readonly candidate: OpenedBundle;
  readonly baseline: OpenedBundle | undefined;
  readonly openTape: (major: number, label: string) => Promise<Tape>;
  readonly openCompute: (major: number) => Promise<ComputeServer>;
  /** The bundle whose initdb made the data directories of the captures: the candidate, unless its initdb cannot. */
  readonly openInitdbBundle: (major: number) => Promise<Bundle>;
  readonly answerTimeoutMs: number;
  /** What was laid down about findings; undefined when nothing was. */
  readonly policy: PolicyFacts | undefined;
  /** What the candidate is held against; undefined where nothing is pinned. */
  readonly lock: OpenedLock | undefined;
  readonly log: EventSink;
  readonly reportDirectory: string;
  readonly progress: Progress;
}
