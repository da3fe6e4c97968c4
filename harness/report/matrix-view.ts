import type { Check } from '../verdict/cell.ts';
import type { TimedEvent } from '../verdict/event.ts';
import { ConsoleView, type Palette } from './console-view.ts';

type CheckEnded = Extract<TimedEvent, { type: 'check-ended' }>;

/** Says what the events of a matrix mean: a line a cell once it is judged, and in full what did not pass. */
export class MatrixView {
  readonly #palette: Palette;
  readonly #console: ConsoleView;
  readonly #checks = new Map<string, Check>();
  /** What is still to come of each cell, and what has. */
  readonly #left = new Map<string, number>();
  readonly #ended = new Map<string, CheckEnded[]>();

  constructor(palette: Palette) {
    this.#palette = palette;
    this.#console = new ConsoleView(palette);
  }

  lines(event: TimedEvent): readonly string[] {
    if (event.type === 'check-ended') return this.#checkEnded(event);
    if (event.type === 'planned') {
      for (const check of event.checks) {
        this.#checks.set(check.id, check);
        this.#left.set(check.cell, (this.#left.get(check.cell) ?? 0) + 1);
      }
    }
    return this.#console.lines(event);
  }

  #checkEnded(event: CheckEnded): readonly string[] {
    const cell = this.#checks.get(event.check)?.cell ?? '';
    const ended = [...(this.#ended.get(cell) ?? []), event];
    const left = (this.#left.get(cell) ?? 1) - 1;
    this.#ended.set(cell, ended);
    this.#left.set(cell, left);
    if (left > 0) return [];
    this.#ended.delete(cell);
    return this.#cellLines(cell, ended);
  }

  #cellLines(cell: string, ended: readonly CheckEnded[]): readonly string[] {
    const { good, bad, doubtful, faint } = this.#palette;
    const has = (outcome: CheckEnded['outcome']): boolean => ended.some((check) => check.outcome === outcome);
    const mark = has('failed') ? bad('✗') : has('not judged') ? doubtful('?') : good('✓');
    const passed = ended.filter(({ outcome }) => outcome === 'passed').length;
    const checks = `${String(passed)} of ${String(ended.length)} checks passed`;
    const took = ended.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000;
    return [
      `${mark} ${cell}  ${faint(`${checks}, ${took.toFixed(1)} s`)}`,
      ...ended.filter(({ outcome }) => outcome !== 'passed').flatMap((check) => this.#inFull(check)),
    ];
  }

  /** What the gate says of a check, without its heading for a suite. */
  #inFull(check: CheckEnded): readonly string[] {
    const lines = this.#console.lines(check);
    return lines[0] === '' ? lines.slice(2) : lines;
  }
}
