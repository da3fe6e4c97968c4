import { statSync } from 'node:fs';
import { join } from 'node:path';

import type { Host, Limits, ProcessResult, ProcessSpec } from '../../host/engine.ts';
import { throwIfInterrupted } from '../../host/interruption.ts';
import { walredoPageSizeBytes } from './message.ts';
import { blockedCall, type ReplayFault } from './replay-fault.ts';
import { StderrLog, type StderrWords } from './stderr-log.ts';
import type { TapeIndex } from '../tape/tape-index.ts';

/** How to start one walredo process: what a bundle's launch gives. */
export type WalredoLaunch = Pick<ProcessSpec, 'argv' | 'env' | 'chroot' | 'mounts'>;

export interface ReplayOptions {
  readonly host: Host;
  readonly launch: WalredoLaunch;
  /** The tape's requests file and index, or those of a recording. */
  readonly requestsPath: string;
  readonly index: TapeIndex;
  /** Must exist; the answers are written into it. */
  readonly directory: string;
  /** The longest a single answer may take; a pageserver gives up after 60 s. */
  readonly answerTimeoutMs?: number;
  readonly limits?: Limits;
  /** How often a process that ended is replaced before the rest is given up (default: 20). */
  readonly mostRestarts?: number;
}

/** The answers that one process gave: `pages` whole ones, to the requests from `firstRequest` on. */
export interface AnswerRun {
  readonly firstRequest: number;
  readonly pages: number;
  readonly path: string;
}

export interface Replay {
  readonly runs: readonly AnswerRun[];
  readonly faults: readonly ReplayFault[];
  readonly cpuMs: number;
  readonly wallTimeMs: number;
  readonly peakRssBytes: number;
}

export const defaultAnswerTimeoutMs = 60_000;
const defaultMemoryBytes = 2 ** 30;
const pollIntervalMs = 20;
/** What counts of the time between two looks, at most: a machine that was paused between them has kept walredo waiting, too. */
const longestLookMs = 10 * pollIntervalMs;
const defaultMostRestarts = 20;

/**
 * Sends all requests through walredo processes, files in and out. A process that ends before its last answer is
 * recorded, and a new one goes on behind the request that it could not answer, as a pageserver would.
 * @throws RedoubtError of kind infrastructure when a process could not be started at all, or `interrupted`: what a process
 * did then says nothing about the bundle.
 */
export async function replay(options: ReplayOptions): Promise<Replay> {
  const runs: AnswerRun[] = [];
  const faults: ReplayFault[] = [];
  const log = new StderrLog();
  let cpuMs = 0;
  let wallTimeMs = 0;
  let peakRssBytes = 0;
  for (let next = 0; next < options.index.length;) {
    const path = join(options.directory, `pages-${String(runs.length)}`);
    const attempt = await runOnce(options, next, path, log);
    throwIfInterrupted();
    const outputBytes = sizeOf(path);
    const wanted = options.index.length - next;
    const pages = Math.min(wanted, Math.floor(outputBytes / walredoPageSizeBytes));
    runs.push({ firstRequest: next, pages, path });
    cpuMs += attempt.result.userCpuMs + attempt.result.systemCpuMs;
    wallTimeMs += attempt.result.wallTimeMs;
    peakRssBytes = Math.max(peakRssBytes, attempt.result.peakRssBytes);
    next += pages;
    const fault = faultOf(attempt, next, options.index.length, outputBytes - pages * walredoPageSizeBytes);
    if (fault === undefined || fault.kind === 'extra-bytes' || fault.kind === 'ended-early')
      log.countChatter(attempt.stderr);
    if (fault !== undefined) faults.push(fault);
    if (next < options.index.length) next++;
    if (runs.length > (options.mostRestarts ?? defaultMostRestarts) && next < options.index.length) {
      faults.push({ kind: 'given-up', request: next, restarts: runs.length });
      break;
    }
  }
  const chatter = log.chatter();
  if (chatter !== undefined) faults.push(chatter);
  return { runs, faults, cpuMs, wallTimeMs, peakRssBytes };
}

interface Attempt {
  readonly result: ProcessResult;
  readonly stderr: StderrWords;
  readonly hungForMs: number | undefined;
}

async function runOnce(
  options: ReplayOptions,
  firstRequest: number,
  path: string,
  log: StderrLog,
): Promise<Attempt> {
  const outputBytes = (options.index.length - firstRequest + 1) * walredoPageSizeBytes;
  await using process = await options.host.start({
    ...options.launch,
    stdin: {
      kind: 'file',
      path: options.requestsPath,
      offsetBytes: options.index.at(firstRequest).offsetBytes,
    },
    stdout: { kind: 'file', path },
    stderr: { kind: 'pipe' },
    limits: { memoryBytes: defaultMemoryBytes, outputBytes, processes: 64, ...options.limits },
  });
  const collected = log.follow(process.stderr);
  // Only awaited when the process ran to some end: a stream destroyed before that must not fail the whole harness.
  collected.catch(() => {});
  const hungForMs = await watch(process.result, path, options);
  const result = hungForMs === undefined ? await process.result : await process.kill();
  return { result, stderr: await collected, hungForMs };
}

/** Waits for the end, or until no whole answer has come for too long: then says how long it waited. */
async function watch(
  result: Promise<ProcessResult>,
  path: string,
  options: ReplayOptions,
): Promise<number | undefined> {
  const timeoutMs = options.answerTimeoutMs ?? defaultAnswerTimeoutMs;
  const ended = result.then(() => true);
  let answers = -1;
  let waitedMs = 0;
  let lookedAt = performance.now();
  for (;;) {
    if (await Promise.race([ended, pause()])) return undefined;
    const now = performance.now();
    waitedMs += Math.min(now - lookedAt, longestLookMs);
    lookedAt = now;
    const whole = Math.floor(sizeOf(path) / walredoPageSizeBytes);
    if (whole !== answers) waitedMs = 0;
    else if (waitedMs > timeoutMs) return timeoutMs;
    answers = whole;
  }
}

function pause(): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(resolve, pollIntervalMs, false);
  });
}

function faultOf(
  attempt: Attempt,
  next: number,
  requests: number,
  strayBytes: number,
): ReplayFault | undefined {
  const done = next === requests;
  if (attempt.hungForMs !== undefined)
    return { kind: 'hung', request: Math.min(next, requests - 1), waitedMs: attempt.hungForMs };
  const { ending } = attempt.result;
  const blocked = blockedCall(attempt.stderr.text);
  if (ending.kind === 'exited' && ending.exitCode === 0) {
    if (!done) return { kind: 'ended-early', request: next, strayBytes };
    return strayBytes > 0 ? { kind: 'extra-bytes', bytes: strayBytes } : undefined;
  }
  const request = Math.min(next, requests - 1);
  if (blocked !== undefined) return { kind: 'blocked-call', request, ...blocked };
  if (done && ending.kind === 'limited' && ending.limit === 'output')
    return { kind: 'extra-bytes', bytes: strayBytes };
  return { kind: 'died', request, ending, stderr: attempt.stderr.text };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
