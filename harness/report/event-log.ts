import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';

import { RedoubtError } from '../error.ts';
import type { EventSink, GateEvent, TimedEvent } from '../verdict/event.ts';
import { writeWhole } from './write-whole.ts';

/** Appends events to events.ndjson as they happen: what a killed run leaves is readable up to its last whole line. */
export class EventLog implements EventSink {
  readonly path: string;
  readonly #events: TimedEvent[] = [];
  readonly #onEvent: (event: TimedEvent) => void;
  readonly #digest = createHash('sha256');
  #isOver = false;
  #failure: RedoubtError | undefined;

  constructor(path: string, onEvent: (event: TimedEvent) => void = () => {}) {
    this.path = path;
    this.#onEvent = onEvent;
  }

  /** A log that begins with events of an earlier one: they replace what the file held, whole or not at all. Throws `write-failed`. */
  static resume(
    path: string,
    events: readonly TimedEvent[],
    onEvent?: (event: TimedEvent) => void,
  ): EventLog {
    const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
    writeWhole(path, text);
    const log = new EventLog(path, onEvent);
    log.#events.push(...events);
    log.#digest.update(text);
    return log;
  }

  get events(): readonly TimedEvent[] {
    return this.#events;
  }

  /** Whether the run's last event is in it: it ended, failed, or its events can no longer be written. */
  get isOver(): boolean {
    return this.#isOver || this.#failure !== undefined;
  }

  /** @throws RedoubtError `write-failed` (and again from then on), or `run-over` when the run has ended already: nothing is judged after it. */
  append(event: GateEvent): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isOver)
      throw new RedoubtError('infrastructure', 'run-over', `${event.type}: the run in ${this.path} is over`);
    const sealed =
      event.type === 'run-ended' ? { ...event, digest: this.#digest.copy().digest('hex') } : event;
    const timed: TimedEvent = { at: new Date().toISOString(), ...sealed };
    const line = `${JSON.stringify(timed)}\n`;
    this.#events.push(timed);
    try {
      appendFileSync(this.path, line);
      this.#digest.update(line);
    } catch (cause) {
      // Half a line may be on disk; another one behind it could not be read.
      this.#failure = new RedoubtError(
        'infrastructure',
        'write-failed',
        `cannot write ${this.path}: ${String(cause)}`,
        { remedy: 'Free some space, or name another folder with --report.', cause },
      );
      throw this.#failure;
    }
    this.#isOver = event.type === 'run-ended' || event.type === 'run-failed';
    this.#onEvent(timed);
  }
}
