import { describeEnding } from '../../host/describe-ending.ts';
import type { Ending } from '../../host/engine.ts';
import { systemCallName } from './system-calls.ts';

/**
 * What a walredo process did besides answering. `request` is the number of the request without an answer: the one it
 * was working on.
 */
export type ReplayFault =
  | { readonly kind: 'died'; readonly request: number; readonly ending: Ending; readonly stderr: string }
  | {
      readonly kind: 'blocked-call';
      readonly request: number;
      readonly callNumber: number;
      readonly callName: string;
    }
  | { readonly kind: 'hung'; readonly request: number; readonly waitedMs: number }
  | { readonly kind: 'ended-early'; readonly request: number; readonly strayBytes: number }
  | { readonly kind: 'extra-bytes'; readonly bytes: number }
  | { readonly kind: 'chatter'; readonly lines: readonly string[]; readonly total: number }
  | { readonly kind: 'given-up'; readonly request: number; readonly restarts: number };

/** One sentence for people: what happened, at which request. */
export function describeFault(fault: ReplayFault, nameRequest: (request: number) => string): string {
  switch (fault.kind) {
    case 'died':
      return `walredo ${describeEnding(fault.ending)} at ${nameRequest(fault.request)}${said(fault.stderr)}${meaning(fault.ending)}`;
    case 'blocked-call':
      return `walredo made a system call that its own seccomp filter forbids: ${fault.callName} (${String(fault.callNumber)}), at ${nameRequest(fault.request)}`;
    case 'hung':
      return `walredo gave no answer for ${String(fault.waitedMs / 1000)} s (time limit) and was killed at ${nameRequest(fault.request)}`;
    case 'ended-early':
      return fault.strayBytes === 0
        ? `walredo ended as if done (exit 0), but its output is cut short: no answer to ${nameRequest(fault.request)}`
        : `walredo ended as if done (exit 0), but its output is cut short: ${String(fault.strayBytes)} of 8192 bytes for ${nameRequest(fault.request)}`;
    case 'extra-bytes':
      return `walredo wrote ${String(fault.bytes)} extra bytes after its last answer`;
    case 'chatter':
      return `walredo chattered on stderr, which a pageserver logs as errors: ${String(fault.total)} lines, the first: ${fault.lines[0] ?? ''}`;
    case 'given-up':
      return `walredo failed ${String(fault.restarts)} times; requests from ${nameRequest(fault.request)} on were not replayed`;
  }
}

function said(stderr: string): string {
  const text = stderr.trim();
  return text === '' ? ', saying nothing' : `, saying: ${text.slice(-300)}`;
}

/** A filter that forbids write kills before its handler can print. */
function meaning(ending: Ending): string {
  return ending.kind === 'signaled' && ending.signal === 'SIGSYS'
    ? ' (its seccomp filter forbids a system call that it needs, and it could not say which)'
    : '';
}

/** The system call that the process's seccomp handler named on stderr, if it did. */
export function blockedCall(
  stderr: string,
): { readonly callNumber: number; readonly callName: string } | undefined {
  const match = /seccomp: bad syscall (\d+)/.exec(stderr);
  if (match?.[1] === undefined) return undefined;
  const callNumber = Number(match[1]);
  return { callNumber, callName: systemCallName(callNumber) };
}
