import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';

import { RedoubtError } from '../../../harness/error.ts';
import { descendantsOf, isAlive, type KnownProcess } from './process-tree.ts';

const launcher = join(import.meta.dirname, '../../../redoubt');

export interface RunEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `./redoubt` that runs in a session of its own, as under a terminal's shell. */
export class CommandRun {
  readonly end: Promise<RunEnd>;
  readonly #child: ChildProcess;
  readonly #pid: number;
  #stderr = '';
  #hasEnded = false;

  private constructor(child: ChildProcess, pid: number) {
    this.#child = child;
    this.#pid = pid;
    this.end = this.#follow();
  }

  static async start(words: readonly string[], env: Readonly<Record<string, string>>): Promise<CommandRun> {
    const child = spawn(launcher, words, {
      env: { ...process.env, ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await once(child, 'spawn');
    return new CommandRun(child, child.pid ?? 0);
  }

  /** Begins the names of what the run leaves on the machine: temporary folders, control groups. */
  get ownPrefix(): string {
    return `redoubt-${this.#pid.toString(36)}-`;
  }

  /** Whether standard error holds the words by now. */
  said(words: string): boolean {
    return this.#stderr.includes(words);
  }

  /** Waits for a moment of the run, and returns what was seen of it; fails when the run is over before that. */
  async until<Seen>(
    moment: (run: CommandRun) => Seen | Promise<Seen>,
  ): Promise<Exclude<Seen, false | undefined>> {
    for (;;) {
      // A moment that came with the run's end is looked at once more.
      const isOver = this.#hasEnded;
      const seen = await moment(this);
      if (seen !== false && seen !== undefined) return seen as Exclude<Seen, false | undefined>;
      if (isOver)
        throw new RedoubtError('infrastructure', 'moment-missed', `the run was over first:\n${this.#stderr}`);
      await setTimeout(5);
    }
  }

  /** What a terminal does at Ctrl-C, for any signal: the whole foreground process group gets it. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.#pid, signal);
  }

  signalHarness(signal: NodeJS.Signals): void {
    process.kill(this.#pid, signal);
  }

  /** All that the harness has started and that still runs, wherever it was moved to. */
  descendants(): Promise<readonly KnownProcess[]> {
    return descendantsOf(this.#pid);
  }

  async #follow(): Promise<RunEnd> {
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null)
      throw new RedoubtError('infrastructure', 'no-pipes', 'the run has no pipes');
    stderr.setEncoding('utf8').on('data', (chunk: string) => (this.#stderr += chunk));
    const [out, [exitCode, signal]] = await Promise.all([
      text(stdout),
      once(this.#child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
    ]);
    this.#hasEnded = true;
    return { exitCode, signal, stdout: out, stderr: this.#stderr };
  }
}

/** Waits until none of the processes runs any more; the test's time limit ends a wait in vain. */
export async function allGone(processes: readonly KnownProcess[]): Promise<void> {
  while (processes.some(isAlive)) await setTimeout(10);
}
