import { startedPid } from '../host/observation.ts';
import type { ObservedRun } from './observed-run.ts';
import type { Discovery } from './subject.ts';

const calls = { write: 1, execve: 59, execveat: 322 } as const;

/** Whether LAUNCHER becomes the program that answers, so that its pid is the program's, and does not stay its parent. */
export function judgeSameProcess({ observation }: ObservedRun): Discovery {
  const answering = new Set(
    observation.calls.filter(({ call, result }) => call === calls.write && result > 0).map(({ pid }) => pid),
  );
  const stranger = [...answering].find((pid) => pid !== startedPid);
  if (stranger === undefined) return { findings: [], notes: [] };
  const programOf = (wanted: number): string =>
    observation.calls.findLast(
      ({ pid, call, result }) =>
        pid === wanted && (call === calls.execve || call === calls.execveat) && result === 0,
    )?.path ?? 'a program that it forked into';
  return {
    findings: [
      {
        code: 'launcher-forks',
        message: `LAUNCHER does not become the program: what answers is ${programOf(stranger)} in another process, and ${programOf(startedPid)} stays as its parent, where a pageserver has its pid`,
        details: { started: programOf(startedPid), answering: programOf(stranger) },
      },
    ],
    notes: [],
  };
}
