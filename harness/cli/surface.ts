import picocolors from 'picocolors';
import type { Colors } from 'picocolors/types.js';

import type { Palette } from '../report/console-view.ts';
import { printableLines } from '../report/printable.ts';
import { ProgressView, progressStyle } from '../report/progress-view.ts';
import { faultOfOurs } from '../host/fault-of-ours.ts';
import { bytePaint, type BytePaint } from './pages/byte-paint.ts';

/** The options that every command has. */
export interface SurfaceOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/**
 * Where a command speaks: with `--json` standard output is one object alone and everything else goes to standard error;
 * without it results go to standard output and progress to standard error.
 */
export class Surface {
  readonly palette: Palette;
  /** Those of a page's bytes; none where the palette has none. */
  readonly bytePaint: BytePaint;
  readonly #json: boolean;
  readonly #quiet: boolean;
  readonly #progress: ProgressView;
  #isStopping = false;

  constructor({ json = false, quiet = false }: SurfaceOptions) {
    this.#json = json;
    this.#quiet = quiet;
    this.#progress = new ProgressView(process.stderr, progressStyle(process.stderr, quiet));
    const colours = coloursOf(json ? process.stderr : process.stdout);
    this.palette = paletteOf(colours);
    this.bytePaint = bytePaint(colours);
  }

  /** Tells of a long step; fit to be handed on as a Progress. */
  readonly progress = (phase: string, detail?: string): void => {
    if (!this.#isStopping) this.#progress.update(phase, detail);
  };

  /** A line on the way to the result: left out with --quiet, on standard error with --json. */
  say(line: string): void {
    if (this.#quiet || this.#isStopping) return;
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

  /** The command is cut short: the live line says so, and what its steps still say on their way out is left out. */
  stop(words: string): void {
    this.#progress.settle();
    this.#isStopping = true;
    this.#progress.show(words);
  }

  /** Reports what ended the command and returns its exit code. */
  failed(error: unknown): number {
    this.#progress.settle();
    const { exitCode, code, message, remedy } = faultOfOurs(error);
    process.stderr.write(`${coloursOf(process.stderr).red('redoubt:')} ${printableLines(message)}\n`);
    if (remedy !== undefined) process.stderr.write(`         ${printableLines(remedy)}\n`);
    if (this.#json) {
      const verdict = exitCode === 1 ? 'incompatible' : 'not judged';
      const object = {
        schemaVersion: 1,
        verdict,
        exitCode,
        error: { code, message, remedy: remedy ?? null },
      };
      process.stdout.write(`${JSON.stringify(object, null, 2)}\n`);
    }
    return exitCode;
  }

  close(): void {
    this.#progress.close();
  }
}

/** Colours where the stream is a terminal and NO_COLOR does not forbid them. */
function coloursOf({ isTTY }: { readonly isTTY?: boolean }): Colors {
  // Undefined would mean picocolors' own choice, and that is colours wherever CI is set.
  return picocolors.createColors(picocolors.isColorSupported && isTTY === true);
}

function paletteOf(colours: Colors): Palette {
  return {
    good: colours.green,
    bad: colours.red,
    doubtful: colours.yellow,
    faint: colours.dim,
    strong: colours.bold,
  };
}
