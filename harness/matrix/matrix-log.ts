import { EventLog } from '../report/event-log.ts';
import type { EventSink, GateEvent, TimedEvent } from '../verdict/event.ts';

/**
 * The events of a matrix: held back until its plan is known, since a folder that holds another plan's must stay as it is;
 * from then on written as they happen.
 */
export class MatrixLog implements EventSink {
  readonly #onEvent: (event: TimedEvent) => void;
  readonly #held: TimedEvent[] = [];
  #log: EventLog | undefined;

  constructor(onEvent: (event: TimedEvent) => void) {
    this.#onEvent = onEvent;
  }

  get events(): readonly TimedEvent[] {
    return this.#log?.events ?? this.#held;
  }

  /** Whether events are written; before that nobody but this process knows of them. */
  get hasBegun(): boolean {
    return this.#log !== undefined;
  }

  get isOver(): boolean {
    return this.#log?.isOver ?? false;
  }

  append(event: GateEvent): void {
    if (this.#log !== undefined) {
      this.#log.append(event);
      return;
    }
    const timed: TimedEvent = { at: new Date().toISOString(), ...event };
    this.#held.push(timed);
    this.#onEvent(timed);
  }

  /** Writes what was held back, and `kept` of an earlier run behind it, whole or not at all. Throws `write-failed`. */
  begin(path: string, kept: readonly TimedEvent[] = []): void {
    this.#log = EventLog.resume(path, [...this.#held, ...kept], this.#onEvent);
  }
}
