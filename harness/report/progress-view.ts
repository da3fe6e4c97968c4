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

/** Shows the phases of a run with how far they are and how long they took; phases may run side by side. */
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
      this.#open.set(phase, { detail, startedAt: performance.now() });
      if (this.#style === 'plain')
        this.#stream.write(`  ${[phase, detail].filter((word) => word !== '').join(': ')}\n`);
    } else {
      open.detail = detail;
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
    const now = performance.now();
    const phases = [...this.#open].slice(-2).map(([phase, { detail, startedAt }]) => {
      const seconds = ((now - startedAt) / 1000).toFixed(1);
      return `${[phase, detail].filter((word) => word !== '').join(': ')} ${seconds} s`;
    });
    const text = `  ${phases.join('  |  ')}`.slice(0, (this.#stream.columns ?? 80) - 1);
    this.#stream.write(`\r\u001B[K${text}`);
    this.#drawn = true;
  }

  #clear(): void {
    if (this.#drawn) this.#stream.write('\r\u001B[K');
    this.#drawn = false;
  }
}
