import { systemCallName } from '../redo/system-calls.ts';
import type { Tape } from '../redo/tape.ts';
import { newestCallOfFloor, type ObservedRun } from './observed-run.ts';
import { compareOutputs, describeDifference } from './page-difference.ts';
import { describeEnd, hasSucceeded } from './probe.ts';
import type { Discovery } from './subject.ts';

/**
 * Whether a program did its work though no system call younger than Linux 5.10 was there; calls that it made all the same
 * are named, as the cause when it failed, as a note when it had another way. `plain` is what walredo answers otherwise.
 */
export function judgeKernelFloor(run: ObservedRun, tape: Tape, plain: Buffer): Discovery {
  const { program, process, observation } = run;
  const names = [...new Set(observation.refused.map(({ refused }) => refused))]
    .toSorted((left, right) => left - right)
    .map((number) => `${systemCallName(number)} (${String(number)})`);
  const calls = names.join(', ');
  const failure = failureOf(run, tape, plain);
  if (failure === undefined) {
    return {
      findings: [],
      notes: names.length === 0 ? [] : [`${program} tries ${calls}, and does without on Linux 5.10`],
    };
  }
  if (names.length === 0) {
    // It fails for another reason, which is another check's to tell.
    return { findings: [{ code: 'launch-failed', message: `${program} ${failure}` }], notes: [] };
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

function failureOf({ program, process }: ObservedRun, tape: Tape, plain: Buffer): string | undefined {
  if (!hasSucceeded(process)) return describeEnd(process);
  if (program === 'initdb') return undefined;
  if (process.stdout.length !== plain.length)
    return `gives ${String(process.stdout.length)} instead of ${String(plain.length)} bytes`;
  const difference = compareOutputs(plain, process.stdout);
  return difference === undefined ? undefined : `answers otherwise: ${describeDifference(difference, tape)}`;
}
