import { constants } from 'node:os';

import { RedoubtError } from '../../error.ts';
import type { Ending, LimitMechanism, ProcessResult } from '../engine.ts';

/** What the helper says on its status pipe, one JSON object a line (native/report.c). */
export type ChrootEvent =
  /** A container may be started now: its first process is awaited. */
  | { readonly event: 'listening' }
  | { readonly event: 'started' }
  | {
      readonly event: 'failed';
      readonly step: string;
      readonly path: string;
      readonly errno: string;
      readonly message: string;
    }
  | ({
      readonly event: 'ended';
      readonly userCpuUs: number;
      readonly systemCpuUs: number;
      readonly peakRssBytes: number;
      readonly wallTimeUs: number;
      readonly mechanism: LimitMechanism;
    } & (
      | { readonly kind: 'exited'; readonly exitCode: number }
      | { readonly kind: 'signaled'; readonly signal: number; readonly coreDumped: boolean }
      | { readonly kind: 'limited'; readonly limit: 'wall-time' | 'memory' | 'output' }
      /** The kernel killed one of its processes for want of memory, below the limit that they have. */
      | { readonly kind: 'starved' }
    ));

export type EndedEvent = Extract<ChrootEvent, { readonly event: 'ended' }>;
export type FailedEvent = Extract<ChrootEvent, { readonly event: 'failed' }>;

const signalNames: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.signals)
    .map(([name, number]): [number, string] => [number, name])
    // Aliases come after the usual names (SIGABRT, SIGIOT); the first must win.
    .toReversed(),
);

/** The name of a signal as in `SIGSEGV`; one without a name is `SIG` and its number. */
export function signalName(number: number): string {
  return signalNames.get(number) ?? `SIG${number}`;
}

/** The result of a process from the helper's last word. */
export function toResult(event: EndedEvent): ProcessResult {
  return {
    ending: toEnding(event),
    userCpuMs: event.userCpuUs / 1000,
    systemCpuMs: event.systemCpuUs / 1000,
    peakRssBytes: event.peakRssBytes,
    wallTimeMs: event.wallTimeUs / 1000,
    limitMechanism: event.mechanism,
  };
}

/**
 * Why a process could not be started. `exec-failed` means that the root stood and the program itself could not be run:
 * `details.missing` is then `file`, `interpreter` (its loader or `#!` line names what is not there) or empty.
 */
export function toError({ step, path, errno, message }: FailedEvent, host: string): RedoubtError {
  const details = { step, path, errno };
  if (step === 'exec' || step === 'exec interpreter') {
    const missing = errno !== 'ENOENT' ? '' : step === 'exec' ? 'file' : 'interpreter';
    const why = missing === 'interpreter' ? 'the interpreter or loader that it names is not there' : message;
    return new RedoubtError('infrastructure', 'exec-failed', `cannot run ${path} in ${host}: ${why}`, {
      remedy: 'See that the program, its loader and its interpreter are there and may be executed.',
      details: { ...details, missing },
    });
  }
  const isFull = errno === 'ENOSPC' || errno === 'EDQUOT';
  return new RedoubtError(
    'infrastructure',
    isFull ? 'disk-full' : 'setup-failed',
    `cannot start a process in ${host}: ${step}${path === '' ? '' : ` ${path}`}: ${message}`,
    {
      remedy: isFull ? 'Free some disk space.' : 'redoubt doctor says what this machine lacks.',
      details,
    },
  );
}

function toEnding(event: EndedEvent): Ending {
  switch (event.kind) {
    case 'exited':
      return { kind: 'exited', exitCode: event.exitCode };
    case 'signaled':
      return { kind: 'signaled', signal: signalName(event.signal), coreDumped: event.coreDumped };
    case 'limited':
      return { kind: 'limited', limit: event.limit };
    case 'starved':
      return { kind: 'signaled', signal: 'SIGKILL', coreDumped: false };
  }
}
