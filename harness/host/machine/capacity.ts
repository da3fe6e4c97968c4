/** What a machine has to spare at one moment. */
export interface MachineSample {
  /** Memory that new processes can have, in bytes; the limit of a control group counts. */
  readonly availableBytes: number;
  /** Cores that had nothing to do since the last sample. */
  readonly idleCores: number;
  /** Of the harness's own heap, which all cells share: 1 is full. */
  readonly heapPart: number;
}

/** Before anything is measured: a replay, a server and an emulated machine have fitted in. */
const firstGuessBytes = 512 * 2 ** 20;
/** Left to the machine. */
const reserveBytes = 512 * 2 ** 20;
const idleForAnother = 0.75;
const fullHeapPart = 0.75;

/**
 * How many cells a machine can judge at a time. It begins with one for each core, and learns from samples: what one cell
 * takes of memory at most, and whether cores stand idle although there is a cell for each.
 */
export class Capacity {
  readonly #cores: number;
  readonly #availableAtFirstBytes: number;
  #cellBytes = 0;
  #last: MachineSample;

  constructor(cores: number, first: MachineSample) {
    this.#cores = cores;
    this.#availableAtFirstBytes = first.availableBytes;
    this.#last = first;
  }

  /** The most that one cell was seen to take, in bytes; 0 before anything was seen. */
  get measuredCellBytes(): number {
    return this.#cellBytes;
  }

  /** Takes note of how the machine does while `running` cells are judged. */
  observe(sample: MachineSample, running: number): void {
    this.#last = sample;
    if (running === 0) return;
    const taken = (this.#availableAtFirstBytes - sample.availableBytes) / running;
    this.#cellBytes = Math.max(this.#cellBytes, taken);
  }

  /** Whether another cell may begin beside those that run; one always may. */
  mayStart(running: number): boolean {
    if (running === 0) return true;
    const cellBytes = this.#cellBytes > 0 ? this.#cellBytes : firstGuessBytes;
    // What has just begun has not taken its memory yet.
    const expectedBytes = Math.min(
      this.#last.availableBytes,
      this.#availableAtFirstBytes - running * cellBytes,
    );
    if (expectedBytes - cellBytes < reserveBytes || this.#last.heapPart > fullHeapPart) return false;
    return running < this.#cores || (running < 2 * this.#cores && this.#last.idleCores >= idleForAnother);
  }
}
