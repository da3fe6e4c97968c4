import type { GateRun } from '../gate/gate-run.ts';
import type { Cell } from '../verdict/cell.ts';

/**
 * How many cells are left of each major and host of a run, so that what was made for them is given back at once: disk does
 * not grow with the number of hosts. The first host is asked for by all others, and goes last.
 */
export class CellsLeft {
  readonly #ofHosts = new Map<GateRun, Map<string, number>>();

  constructor(cells: readonly Cell[], runOf: (cell: Cell) => GateRun | undefined) {
    for (const cell of cells) {
      const run = runOf(cell);
      if (run !== undefined) this.#count(run, cell, 1);
    }
  }

  /** Takes note that a cell is judged, and gives back what nobody asks for any more. */
  async done(cell: Cell, run: GateRun): Promise<void> {
    const { major, host } = cell;
    const { firstHost } = run.plan;
    const { ofHost, ofMajor } = this.#count(run, cell, -1);
    if (ofHost === 0 && host !== firstHost) await run.release(major, host);
    if (ofMajor === 0) await run.release(major, firstHost);
  }

  #count(run: GateRun, { major, host }: Cell, change: number): { ofHost: number; ofMajor: number } {
    const counts = this.#ofHosts.get(run) ?? new Map<string, number>();
    this.#ofHosts.set(run, counts);
    const add = (key: string): number => {
      const count = (counts.get(key) ?? 0) + change;
      counts.set(key, count);
      return count;
    };
    return { ofHost: add(`${String(major)} ${host}`), ofMajor: add(String(major)) };
  }
}
