import { systemCallName } from '../redo/replay/system-calls.ts';
import type { Tape } from '../redo/tape/tape.ts';
import { newestCallOfFloor, type ObservedRun } from './observed-run.ts';
import { compareOutputs, describeDifference } from './page-difference.ts';
import { describeEnd, hasSucceeded } from './probe.ts';
import type { Discovery } from './subject.ts';

/** How the programs do when nothing is refused. */
export interface OrdinaryRuns {
  readonly tape: Tape;
  /** What walredo answers to the tape. */
  readonly answers: Buffer;
  /** Asked only when initdb failed. */
  readonly initdbSucceeds: () => Promise<boolean>;
}

/**
 * Whether a program did its work though no system call younger than Linux 5.10 was there; calls that it made all the same
 * are named, as the cause when it failed, as a note when it had another way.
 */
export async function judgeKernelFloor(run: ObservedRun, ordinary: OrdinaryRuns): Promise<Discovery> {
  const { program, process, observation } = run;
  const names = [...new Set(observation.refused.map(({ refused }) => refused))]
    .toSorted((left, right) => left - right)
    .map((number) => `${systemCallName(number)} (${String(number)})`);
  const calls = names.join(', ');
  const failure = failureOf(run, ordinary);
  if (failure === undefined) {
    return {
      findings: [],
      notes: names.length === 0 ? [] : [`${program} tries ${calls}, and does without on Linux 5.10`],
    };
  }
  const succeedsOtherwise = program === 'walredo' || (await ordinary.initdbSucceeds());
  if (names.length === 0 || !succeedsOtherwise) {
    const message = `${program} ${failure}, and not for want of a system call`;
    return { findings: [{ code: 'launch-failed', message }], notes: [] };
  }
  return {
    findings: [
      {
        code: 'kernel-floor',
        message: `${program} needs ${calls}, which Linux 5.10 does not have: answered with ENOSYS, it ${failure}`,
        details: { newestCall: newestCallOfFloor, refused: names, stderr: process.stderr.slice(0, 1000) },
      },
    ],
    notes: [],
  };
}

function failureOf({ program, process }: ObservedRun, { tape, answers }: OrdinaryRuns): string | undefined {
  if (!hasSucceeded(process)) return describeEnd(process);
  if (program === 'initdb') return undefined;
  if (process.stdout.length !== answers.length)
    return `gives ${String(process.stdout.length)} instead of ${String(answers.length)} bytes`;
  const difference = compareOutputs(answers, process.stdout);
  return difference === undefined ? undefined : `answers otherwise: ${describeDifference(difference, tape)}`;
}
