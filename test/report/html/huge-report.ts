import { deriveReport, type Report } from '../../../harness/report/report.ts';
import { planCells, suiteNames } from '../../../harness/verdict/cell.ts';
import type { GateEvent, TimedEvent } from '../../../harness/verdict/event.ts';

const hosts = 400;
const majors = [14, 15, 16, 17, 18];
const checksOfCell = 6;
const findings = 1000;

/** The events of a run of 10,000 cells, 60,000 checks and 1,000 findings; the same each time. */
export function hugeRun(): readonly TimedEvent[] {
  const names = Array.from(
    { length: hosts },
    (_, number) => `distro-${String(number)}:${String(number % 13)}`,
  );
  const cells = planCells(suiteNames, majors, names);
  const checks = cells.flatMap(({ id }) =>
    Array.from({ length: checksOfCell }, (_, number) => ({
      id: `${id}/promise-${String(number)}`,
      cell: id,
      promise: `what promise ${String(number)} says is true of a good bundle`,
    })),
  );
  const apart = Math.floor(checks.length / findings);
  let at = Date.parse('2026-11-22T20:00:00.000Z');
  const timed = (event: GateEvent): TimedEvent => ({ at: new Date((at += 7)).toISOString(), ...event });
  return [
    timed({ type: 'run-started', schemaVersion: 1, redoubtVersion: '0.1.0', machine: 'synthetic' }),
    timed({ type: 'options', options: { suites: suiteNames, majors, hosts: names, engine: 'chroot' } }),
    timed({ type: 'planned', cells, checks }),
    ...checks.flatMap(({ id: check }, number) => {
      const isBad = number % apart === 0 && number / apart < findings;
      const message = `public.table_${String(number)} main block ${String(number % 97)} has other contents; first difference at byte ${String(number % 8192)}`;
      return [
        timed({ type: 'check-started', check }),
        ...(isBad ? [timed({ type: 'finding', check, finding: { code: 'page-content', message } })] : []),
        timed({
          type: 'check-ended',
          check,
          outcome: isBad ? 'failed' : 'passed',
          reason: isBad ? message : null,
          tallies: [],
          notes: [],
          durationMs: 5 + (number % 90),
        }),
      ];
    }),
    timed({ type: 'run-ended', testsRun: checks.length, peakRssBytes: 123_456_789 }),
  ];
}

/** The report of that run. */
export function hugeReport(): Report {
  return deriveReport(hugeRun());
}
