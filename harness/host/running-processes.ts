import type { ChrootProcess } from './chroot/chroot-process.ts';
import { hold } from './interruption.ts';

/** The processes of one host that have not ended: an interrupt ends them, and so does closing the host. */
export class RunningProcesses implements AsyncDisposable {
  readonly #running = new Set<ChrootProcess>();

  /** Knows of a process until it has ended. */
  add(running: ChrootProcess): void {
    this.#running.add(running);
    const letGo = hold('process', () => running.kill());
    const forget = (): void => {
      this.#running.delete(running);
      letGo();
    };
    running.result.then(forget, forget);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running].map((running) => running[Symbol.asyncDispose]()));
  }
}
