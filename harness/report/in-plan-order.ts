import type { TimedEvent } from '../verdict/event.ts';

/**
 * Hands events on to someone who wants to be told of checks one after another, in the order in which they are planned, though
 * several are examined at a time: those of a check are held until all before it have ended.
 */
export class InPlanOrder {
  readonly #tell: (event: TimedEvent) => void;
  readonly #held = new Map<string, TimedEvent[]>();
  readonly #ended = new Set<string>();
  #waiting: string[] = [];

  constructor(tell: (event: TimedEvent) => void) {
    this.#tell = tell;
  }

  take(event: TimedEvent): void {
    if (event.type === 'planned') this.#waiting = event.checks.map(({ id }) => id);
    if ('check' in event) {
      this.#held.set(event.check, [...(this.#held.get(event.check) ?? []), event]);
      if (event.type === 'check-ended') this.#ended.add(event.check);
      this.#tellEnded((check) => this.#ended.has(check));
      return;
    }
    // Nothing ends any more: what has ended is told, whatever has not.
    if (event.type === 'run-failed') {
      this.#waiting = this.#waiting.filter((check) => this.#ended.has(check));
      this.#tellEnded(() => true);
    }
    this.#tell(event);
  }

  #tellEnded(isNext: (check: string) => boolean): void {
    for (let [next] = this.#waiting; next !== undefined && isNext(next); [next] = this.#waiting) {
      this.#waiting.shift();
      for (const event of this.#held.get(next) ?? []) this.#tell(event);
      this.#held.delete(next);
    }
  }
}
