import type { ChrootProcess } from './chroot/chroot-process.ts';
import { hold, interrupted, interruption } from './interruption.ts';

/** The processes of one host that have not ended: an interrupt ends them, and so does closing the host. */
export class RunningProcesses implements AsyncDisposable {
  readonly #running = new Set<ChrootProcess>();

  /**
   * Knows of a process until it has ended. One that was only being started when an interrupt came, which could not know of
   * it, is ended at once. @throws RedoubtError `interrupted`.
   */
  async add(running: ChrootProcess): Promise<void> {
    this.#running.add(running);
    const letGo = hold('process', () => running.kill());
    const forget = (): void => {
      this.#running.delete(running);
      letGo();
    };
    running.result.then(forget, forget);
    if (!interruption.aborted) return;
    await running[Symbol.asyncDispose]();
    throw interrupted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running].map((running) => running[Symbol.asyncDispose]()));
  }
}
