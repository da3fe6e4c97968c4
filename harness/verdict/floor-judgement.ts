import { statSync } from 'node:fs';

import { RedoubtError } from '../error.ts';
import { describeEnding } from '../host/describe-ending.ts';
import type { EndedInGuest, GuestOutcome } from '../host/kernel/guest-outcome.ts';
import { killedFromOutside, saysChildWasKilled } from '../host/killed-from-outside.ts';
import { walredoPageSizeBytes } from '../redo/replay/message.ts';
import type { Replay } from '../redo/replay/replay.ts';

import type { Tape } from '../redo/tape/tape.ts';
import type { Finding } from './finding.ts';
import { judgePages, type KeepEvidence } from './page-judgement.ts';

/** The answers of walredo to a tape, under the oldest kernel and under this machine's. */
export interface FloorWalredo {
  readonly tape: Tape;
  readonly there: GuestOutcome;
  readonly here: Replay;
}

/** What was run under which kernel, in words. */
export interface FloorSubject {
  /** `walredo of v17`. */
  readonly program: string;
  /** uname of the oldest kernel. */
  readonly kernel: string;
  /** This machine's. */
  readonly machine: string;
}

/** What a judgement came to; with findings about its end a process has nothing more to compare. */
export type FloorEnd =
  | { readonly kind: 'well'; readonly ended: EndedInGuest }
  | { readonly kind: 'badly'; readonly finding: Finding };

/**
 * Finds every page that walredo answers otherwise under the oldest kernel, or the end that it came to there instead.
 * @throws RedoubtError as {@link judgeFloorEnd}.
 */
export function judgeFloorPages(
  subject: FloorSubject,
  { tape, there, here }: FloorWalredo,
  keep: KeepEvidence,
): readonly Finding[] {
  const [fault] = here.faults;
  const end = judgeFloorEnd(
    subject,
    there,
    fault === undefined ? 'it answers all requests' : `it fails as well (${fault.kind})`,
  );
  if (end.kind === 'badly') return [end.finding];
  const { stdoutPath } = end.ended;
  const pages = Math.min(tape.index.length, Math.floor(statSync(stdoutPath).size / walredoPageSizeBytes));
  const { findings } = judgePages(
    tape,
    [{ firstRequest: 0, pages, path: stdoutPath }],
    {
      kind: 'hosts',
      isSkewed: false,
      answers: here.runs,
      nameOf: () => `the answer under ${subject.machine}`,
    },
    keep,
  );
  return findings.map((finding): Finding => ({ ...finding, code: 'kernel-pages-differ' }));
}

/**
 * Whether a process ended well under the oldest kernel; `here` says what it does on this machine.
 * @throws RedoubtError `emulator-lacks-instruction`, `process-killed`, or what kept the process from being started, where
 *   none is the bundle's fault.
 */
export function judgeFloorEnd(subject: FloorSubject, there: GuestOutcome, here: string): FloorEnd {
  const { program, kernel, machine } = subject;
  const whereas = `; under ${machine} ${here}`;
  if (there.kind === 'not started') {
    if (there.error.code !== 'exec-failed') throw there.error;
    const message = `${program} cannot be started under ${kernel}: ${there.error.message}${whereas}`;
    return { kind: 'badly', finding: { code: 'kernel-floor', message, details: { kernel, machine } } };
  }
  const { ending } = there.result;
  if (ending.kind === 'exited' && ending.exitCode === 0) return { kind: 'well', ended: there };
  if ((ending.kind === 'signaled' && ending.signal === 'SIGKILL') || saysChildWasKilled(there.stderr))
    throw killedFromOutside(program, kernel, 'SIGKILL');
  if (ending.kind === 'signaled' && ending.signal === 'SIGILL') {
    throw new RedoubtError(
      'infrastructure',
      'emulator-lacks-instruction',
      `${program} was killed by SIGILL in the emulated machine, whose processor may lack what this one has`,
      { remedy: 'Try it on a machine that runs Linux 5.10.' },
    );
  }
  const words = there.stderr.trim();
  const said = words === '' ? 'saying nothing' : `saying: ${words.slice(-300)}`;
  return {
    kind: 'badly',
    finding: {
      code: 'kernel-floor',
      message: `${program} ${describeEnding(ending)} under ${kernel}, ${said}${meaning(words)}${whereas}`,
      details: { kernel, machine, stderr: words.slice(-4000) },
    },
  };
}

/** What is behind words that do not speak of the kernel by themselves. */
function meaning(words: string): string {
  if (/kernel too old/i.test(words)) return ' (its libc was built for newer kernels alone)';
  if (/function not implemented/i.test(words))
    return ' (a system call that this kernel does not have, and for which there is no other way)';
  return '';
}
