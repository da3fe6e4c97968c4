import picocolors from 'picocolors';

import { RedoubtError } from '../error.ts';
import type { Palette } from '../report/console-view.ts';
import { ProgressView, progressStyle } from '../report/progress-view.ts';

/** The options that every command has. */
export interface SurfaceOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/**
 * Where a command speaks: with `--json` standard output is one object alone and everything else goes to standard error;
 * without it results go to standard output and progress to standard error.
 */
export class Surface implements AsyncDisposable {
  readonly palette: Palette;
  readonly #json: boolean;
  readonly #quiet: boolean;
  readonly #progress: ProgressView;

  constructor({ json = false, quiet = false }: SurfaceOptions) {
    this.#json = json;
    this.#quiet = quiet;
    this.#progress = new ProgressView(process.stderr, progressStyle(process.stderr, quiet));
    const colours = picocolors.createColors(
      picocolors.isColorSupported && (json ? process.stderr : process.stdout).isTTY,
    );
    this.palette = {
      good: colours.green,
      bad: colours.red,
      doubtful: colours.yellow,
      faint: colours.dim,
      strong: colours.bold,
    };
  }

  /** Tells of a long step; fit to be handed on as a Progress. */
  readonly progress = (phase: string, detail?: string): void => {
    this.#progress.update(phase, detail);
  };

  /** A line on the way to the result: left out with --quiet, on standard error with --json. */
  say(line: string): void {
    if (this.#quiet) return;
    this.#progress.settle();
    (this.#json ? process.stderr : process.stdout).write(`${line}\n`);
  }

  /** The result: lines for people, or the object for programs. */
  result(lines: readonly string[], object: unknown): void {
    this.#progress.settle();
    process.stdout.write(
      this.#json ? `${JSON.stringify(object, null, 2)}\n` : lines.map((line) => `${line}\n`).join(''),
    );
  }

  /** Reports what ended the command and returns its exit code. */
  failed(error: unknown): number {
    this.#progress.settle();
    const known = error instanceof RedoubtError ? error : undefined;
    const message =
      known?.message ?? (error instanceof Error ? (error.stack ?? error.message) : String(error));
    const exitCode = known?.exitCode ?? 3;
    process.stderr.write(`${this.palette.bad('redoubt:')} ${message}\n`);
    if (known?.remedy !== undefined) process.stderr.write(`         ${known.remedy}\n`);
    if (this.#json) {
      const { code = 'internal', remedy = null } = known ?? {};
      const verdict = exitCode === 1 ? 'incompatible' : 'not judged';
      process.stdout.write(
        `${JSON.stringify({ schemaVersion: 1, verdict, exitCode, error: { code, message, remedy } }, null, 2)}\n`,
      );
    }
    return exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#progress.close();
    await Promise.resolve();
  }
}
