import type { Cell } from '../verdict/cell.ts';
import type { Outcome } from '../verdict/event.ts';

/** How far a matrix is, in one line: what is done, what runs, what failed, and how long the rest takes by what was measured. */
export class MatrixPace {
  readonly #total: number;
  readonly #tell: (words: string) => void;
  readonly #now: () => number;
  readonly #open: Set<Cell>;
  readonly #running = new Map<Cell, number>();
  readonly #durationsMs = new Map<string, number[]>();
  #note = '';
  #failed: number;
  #notJudged = 0;

  /** `open` are the cells that are not done yet, of the others it is known how many failed; `now` tells milliseconds. */
  constructor(
    open: readonly Cell[],
    done: { readonly cells: number; readonly failed: number },
    tell: (words: string) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#total = open.length + done.cells;
    this.#failed = done.failed;
    this.#open = new Set(open);
    this.#tell = tell;
    this.#now = now;
    this.#say();
  }

  /** A long step that some cell is at; it is told until a cell ends. */
  note(words: string): void {
    this.#note = words;
    this.#say();
  }

  began(cell: Cell): void {
    this.#running.set(cell, this.#now());
    this.#say();
  }

  ended(cell: Cell, outcomes: readonly Outcome[]): void {
    const began = this.#running.get(cell);
    this.#running.delete(cell);
    this.#open.delete(cell);
    if (began !== undefined) {
      const kind = kindOf(cell);
      this.#durationsMs.set(kind, [...(this.#durationsMs.get(kind) ?? []), this.#now() - began]);
    }
    if (outcomes.includes('failed')) this.#failed++;
    else if (outcomes.includes('not judged')) this.#notJudged++;
    this.#note = '';
    this.#say();
  }

  #say(): void {
    const done = this.#total - this.#open.size;
    // How long a capture takes, no cell before it has told.
    const leftMs = this.#note === '' ? this.#leftMs() : undefined;
    // What runs comes last: on a narrow line it is what can be missed.
    const words = [
      `${String(done)} of ${String(this.#total)} cells`,
      ...(this.#failed === 0 ? [] : [`${String(this.#failed)} failed`]),
      ...(this.#notJudged === 0 ? [] : [`${String(this.#notJudged)} not judged`]),
      ...(this.#note === '' ? [] : [this.#note]),
      ...(leftMs === undefined || this.#running.size === 0 ? [] : [`about ${duration(leftMs)} left`]),
      ...(this.#running.size === 0 ? [] : [[...this.#running.keys()].map(({ id }) => id).join(' ')]),
    ];
    this.#tell(words.join(', '));
  }

  /** By what cells of the kind took so far; undefined while there is a kind of which none has ended. */
  #leftMs(): number | undefined {
    let [sumMs, longestMs] = [0, 0];
    for (const cell of this.#open) {
      const known = this.#durationsMs.get(kindOf(cell));
      if (known === undefined) return undefined;
      const meanMs = known.reduce((sum, ms) => sum + ms, 0) / known.length;
      const began = this.#running.get(cell);
      const leftMs = began === undefined ? meanMs : Math.max(0, meanMs - (this.#now() - began));
      sumMs += leftMs;
      longestMs = Math.max(longestMs, leftMs);
    }
    return Math.max(longestMs, sumMs / Math.max(1, this.#running.size));
  }
}

function kindOf({ suite, major }: Cell): string {
  return `${suite} ${String(major)}`;
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${String(seconds)} s` : `${String(Math.round(seconds / 60))} min`;
}
