import { availableParallelism } from 'node:os';

/** Work that somebody will ask for later, done as many at a time as there are cores. */
export class WorkAhead implements AsyncDisposable {
  #lanes: Promise<unknown> = Promise.resolve();
  #isOver = false;

  /** Starts it, behind what was started before. What fails here must fail again where it is asked for. */
  start(works: readonly (() => Promise<unknown>)[]): void {
    const waiting = [...works];
    const lane = async (): Promise<void> => {
      for (let work = waiting.shift(); work !== undefined && !this.#isOver; work = waiting.shift()) {
        try {
          await work();
        } catch {
          // Whoever asks for it gets the same error.
        }
      }
    };
    const lanes = Array.from({ length: availableParallelism() }, lane);
    this.#lanes = Promise.all([this.#lanes, ...lanes]);
  }

  /** Begins nothing more, and waits for what has begun. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#lanes;
  }
}
