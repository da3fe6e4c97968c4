import type { WriteStream } from 'node:tty';

/** How much is said while work goes on: a live line in a terminal, plain lines in CI, nothing. */
export type ProgressStyle = 'live' | 'plain' | 'none';

/** The style that fits a stream: live only in a terminal. */
export function progressStyle(stream: Pick<WriteStream, 'isTTY'>, quiet: boolean): ProgressStyle {
  if (quiet) return 'none';
  return stream.isTTY ? 'live' : 'plain';
}

interface OpenPhase {
  detail: string;
  readonly startedAt: number;
}

/** Most phases on one line; two roots are made at a time, as a rule. */
const shownPhases = 2;

/**
 * Shows the phases of a run with how far they are and how long they took. Phases of one kind (their first word) may run
 * side by side; one of another kind takes their place.
 */
export class ProgressView {
  readonly #stream: { readonly columns?: number; write(text: string): unknown };
  readonly #style: ProgressStyle;
  readonly #open = new Map<string, OpenPhase>();
  readonly #timer: NodeJS.Timeout | undefined;
  #drawn = false;

  constructor(stream: { readonly columns?: number; write(text: string): unknown }, style: ProgressStyle) {
    this.#stream = stream;
    this.#style = style;
    if (style === 'live') {
      this.#timer = setInterval(() => {
        this.#draw();
      }, 200);
      this.#timer.unref();
    }
  }

  /** A phase began, or got further. In CI each phase is announced once. */
  update(phase: string, detail = ''): void {
    const open = this.#open.get(phase);
    if (open === undefined) {
      for (const other of this.#open.keys()) if (stepOf(other) === stepOf(phase)) this.#open.delete(other);
      this.#open.set(phase, { detail, startedAt: performance.now() });
      if (this.#style === 'plain')
        this.#stream.write(`  ${[phase, detail].filter((word) => word !== '').join(': ')}\n`);
    } else {
      open.detail = detail;
      // The one that was heard of last is the last on the line.
      this.#open.delete(phase);
      this.#open.set(phase, open);
    }
    this.#draw();
  }

  /** All open phases are over: what follows is a result. */
  settle(): void {
    this.#clear();
    this.#open.clear();
  }

  /** Words on the live line alone, until something else is said. */
  show(words: string): void {
    if (this.#style === 'live') this.update(words);
  }

  close(): void {
    this.settle();
    clearInterval(this.#timer);
  }

  #draw(): void {
    if (this.#style !== 'live' || this.#open.size === 0) return;
    const columns = this.#stream.columns ?? 80;
    const open = [...this.#open];
    const kind = kindOf(open.at(-1)?.[0] ?? '');
    const shown = open.filter(([phase]) => kindOf(phase) === kind).slice(-shownPhases);
    const room = Math.floor(
      (columns - 1 - indent.length - separator.length * (shown.length - 1)) / shown.length,
    );
    const now = performance.now();
    const phases = shown.map(([phase, { detail, startedAt }]) => {
      const seconds = ` ${((now - startedAt) / 1000).toFixed(1)} s`;
      const words = [phase, detail].filter((word) => word !== '').join(': ');
      return `${cut(words, room - seconds.length)}${seconds}`;
    });
    this.#stream.write(`\r\u001B[K${`${indent}${phases.join(separator)}`.slice(0, columns - 1)}`);
    this.#drawn = true;
  }

  #clear(): void {
    if (this.#drawn) this.#stream.write('\r\u001B[K');
    this.#drawn = false;
  }
}

const indent = '  ';
const separator = '  |  ';

function kindOf(phase: string): string {
  return phase.split(' ')[0] ?? '';
}

/** `capture 17: setup` and `capture 17: work` are steps of one phase: they follow one another. */
function stepOf(phase: string): string {
  return phase.split(': ')[0] ?? '';
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1))}…`;
}
