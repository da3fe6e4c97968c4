import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { PassThrough, Transform, type Readable, type Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';

import { RedoubtError } from '../../error.ts';
import { type ChrootEvent, type EndedEvent, type FailedEvent, toError, toResult } from './chroot-event.ts';
import type { ProcessResult, ProcessSpec, RunningProcess } from '../engine.ts';
import { throwIfInterrupted } from '../interruption.ts';
import { killedFromOutside, type OutsideKiller } from '../killed-from-outside.ts';
import { systemError } from '../system-error.ts';

/** Control bytes above the signal numbers (native/enter.h). */
const control = { kill: 128, outputLimit: 129, proceed: 130 } as const;

export interface ChrootLaunch {
  readonly helper: string;
  readonly encodedSpec: Buffer;
  readonly spec: ProcessSpec;
  /** The most that a stdout pipe may carry before the process is ended; undefined for no limit. */
  readonly pipeLimitBytes: number | undefined;
  readonly hostName: string;
  /** Where a container engine makes the root. */
  readonly container?: ContainerSteps;
}

/** What a container engine does for one process. */
export interface ContainerSteps {
  /** Starts the container, whose first process then waits to be let in; `onExit` is told when it is over. */
  enter(onExit: () => void): Promise<void>;
  /** Why a container is gone whose process did not tell its end: a result if a limit did it, else the error. */
  explainLoss(): Promise<ProcessResult | RedoubtError>;
  /** Removes the container, however it ended; never rejects. */
  leave(): Promise<void>;
}

/** Steps of the supervisor that fail when the first process of a container is gone. */
const lossSteps: ReadonlySet<string> = new Set(['init was lost', 'wait for the container', 'hand over']);

/** Starts the helper and waits until the payload has become its program. Throws as `toError` says. */
export async function startChrootProcess(launch: ChrootLaunch): Promise<ChrootProcess> {
  const { stdin = { kind: 'null' }, stdout = { kind: 'pipe' }, stderr = { kind: 'pipe' } } = launch.spec;
  const child = spawn(launch.helper, [], {
    argv0: 'redoubt-enter',
    cwd: '/',
    env: {},
    // A session of its own: a Ctrl-C in the terminal reaches the harness alone, which then ends this.
    detached: true,
    stdio: [
      stdin.kind === 'pipe' ? 'pipe' : 'ignore',
      stdout.kind === 'pipe' ? 'pipe' : 'ignore',
      stderr.kind === 'pipe' ? 'pipe' : 'ignore',
      'pipe',
      'pipe',
    ],
  });
  const process = new ChrootProcess(child, launch);
  await process.started;
  return process;
}

/** A payload under the helper's supervision. */
export class ChrootProcess implements RunningProcess {
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  readonly started: Promise<void>;
  /** Its command line. */
  readonly program: string;
  readonly hostName: string;
  readonly result: Promise<ProcessResult>;
  /** The same, whoever ended it. */
  readonly #end: Promise<End>;
  readonly #child: ChildProcess;
  readonly #control: Writable;
  readonly #container: ContainerSteps | undefined;
  #hasStarted = false;
  #wasKilled = false;
  #outputIsOver = false;
  #hasEnded = false;

  constructor(child: ChildProcess, { encodedSpec, spec, pipeLimitBytes, hostName, container }: ChrootLaunch) {
    this.#child = child;
    this.program = spec.argv.join(' ');
    this.hostName = hostName;
    this.#container = container;
    this.#control = child.stdio[3] as Writable;
    this.stdin = child.stdin;
    this.stdout = child.stdout === null ? null : this.#limited(child.stdout, pipeLimitBytes);
    // Node throws away what a child that has ended said while nobody was reading.
    this.stderr = child.stderr === null ? null : child.stderr.pipe(new PassThrough());
    const start = Promise.withResolvers<void>();
    this.started = start.promise;
    this.#end = this.#follow(child.stdio[4] as Readable, start);
    // Whoever waits gets the error; nobody has to wait. Where it never started, all of it is gone by then.
    this.#end.catch((error: unknown) => start.reject(error));
    this.result = this.#end.then((end) => this.#ownEnd(end));
    this.result.catch(() => {});
    // A process that ended takes no more input or orders; its result tells that, not a broken pipe.
    this.#control.on('error', () => {});
    child.stdin?.on('error', () => {});
    this.#control.write(encodedSpec);
  }

  signal(name: NodeJS.Signals): void {
    if (name === 'SIGKILL') this.#wasKilled = true;
    this.#order(constants.signals[name]);
  }

  async kill(): Promise<ProcessResult> {
    this.#wasKilled = true;
    this.#order(control.kill);
    return (await this.#end).result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill().catch(() => {});
    const { stdout, stderr } = this.#child;
    for (const stream of [this.stdin, this.stdout, this.stderr, stdout, stderr]) stream?.destroy();
  }

  #order(byte: number): void {
    if (!this.#hasEnded) this.#control.write(Uint8Array.of(byte));
  }

  async #follow(status: Readable, start: PromiseWithResolvers<void>): Promise<End> {
    let ended: EndedEvent | undefined;
    try {
      await spawned(this.#child);
      for await (const line of createInterface({ input: status })) {
        const event = JSON.parse(line) as ChrootEvent;
        switch (event.event) {
          case 'listening':
            await this.#container?.enter(() => {
              // A first process that never called leaves the supervisor waiting.
              if (!this.#hasStarted) this.#order(control.kill);
            });
            this.#order(control.proceed);
            break;
          case 'started':
            this.#hasStarted = true;
            start.resolve();
            break;
          case 'failed': {
            const loss = await this.#explainLoss(event);
            if (loss === undefined) throw toError(event, this.hostName);
            if (loss instanceof RedoubtError) throw loss;
            start.resolve();
            return { result: loss, killer: undefined };
          }
          case 'ended':
            ended = event;
        }
      }
      if (ended === undefined) {
        // A Ctrl-C reaches a supervisor that has just been started too; the harness hears of it a moment later.
        await setTimeout(50);
        throwIfInterrupted();
        throw this.#lost();
      }
    } finally {
      this.#hasEnded = true;
      this.#control.end();
      await this.#container?.leave();
    }
    start.resolve();
    const result = toResult(ended);
    if (this.#outputIsOver)
      return { result: { ...result, ending: { kind: 'limited', limit: 'output' } }, killer: undefined };
    return { result, killer: killerOf(ended) };
  }

  /** What ends a process from outside says nothing about it. */
  #ownEnd({ result, killer }: End): ProcessResult {
    if (killer === undefined || this.#wasKilled) return result;
    throwIfInterrupted();
    throw killedFromOutside(this.program, this.hostName, killer);
  }

  async #explainLoss({ step }: FailedEvent): Promise<ProcessResult | RedoubtError | undefined> {
    if (this.#container === undefined || !lossSteps.has(step)) return undefined;
    throwIfInterrupted();
    return this.#container.explainLoss();
  }

  #limited(stream: Readable, limitBytes: number | undefined): Readable {
    let leftBytes = limitBytes ?? Number.POSITIVE_INFINITY;
    const counter = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        const kept = chunk.subarray(0, leftBytes);
        leftBytes -= kept.length;
        if (kept.length < chunk.length && !this.#outputIsOver) {
          this.#outputIsOver = true;
          this.#order(control.outputLimit);
        }
        done(null, kept);
      },
    });
    return stream.pipe(counter);
  }

  #lost(): RedoubtError {
    return new RedoubtError(
      'infrastructure',
      'supervisor-lost',
      `the supervisor of a process in ${this.hostName} was killed`,
      {
        remedy: 'Look for the out-of-memory killer in the kernel log, and run again.',
        details: { host: this.hostName },
      },
    );
  }
}

/** How a process ended, and what killed it if nothing here did. */
interface End {
  readonly result: ProcessResult;
  readonly killer: OutsideKiller | undefined;
}

function killerOf(ended: EndedEvent): OutsideKiller | undefined {
  if (ended.kind === 'starved') return 'out-of-memory killer';
  return ended.kind === 'signaled' && ended.signal === constants.signals.SIGKILL ? 'SIGKILL' : undefined;
}

function spawned(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) =>
      reject(systemError('cannot start the helper of the chroot engine', error)),
    );
  });
}
