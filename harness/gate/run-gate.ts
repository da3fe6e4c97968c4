import { rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';

import { RedoubtError } from '../error.ts';
import { interruption } from '../host/interruption.ts';
import type { Progress } from '../host/progress.ts';
import { EventLog } from '../report/event-log.ts';
import type { Report } from '../report/report.ts';
import { writeReport, type WrittenReport } from '../report/write-report.ts';
import type { TimedEvent } from '../verdict/event.ts';
import { redoubtVersion } from '../version.ts';
import { defaultReports } from './default-reports.ts';
import type { GateOptions } from './gate-options.ts';
import { GateRun } from './gate-run.ts';
import { openInputs } from './inputs/open-inputs.ts';
import { makeFolder } from '../host/make-folder.ts';

export interface GateResult extends WrittenReport {
  /** Folder with events.ndjson, report.json, report.html and evidence. */
  readonly directory: string;
}

export interface GateViews {
  readonly progress: Progress;
  readonly onEvent: (event: TimedEvent) => void;
  /** Told of the report once it is written, that of a run that failed or was interrupted, too. */
  readonly onReport?: (report: Report) => void;
  /** Everything that must be closed at an interrupt is put on it. */
  readonly stack: AsyncDisposableStack;
}

/**
 * Runs the gate from options to report. A run that fails or is interrupted leaves its events and a report that says "not
 * judged"; one that was asked for wrongly leaves nothing.
 * @throws RedoubtError of kind usage or infrastructure when the run did not come to its end.
 */
export async function runGate(options: GateOptions, views: GateViews): Promise<GateResult> {
  const directory = makeReportDirectory(options.reportDirectory);
  const log = new EventLog(join(directory, 'events.ndjson'), views.onEvent);
  // At once, before what runs is ended: its death must not look like a finding.
  const onInterrupt = (): void => failRun(log, directory, interruption.reason, views);
  interruption.addEventListener('abort', onInterrupt);
  try {
    log.append({ type: 'run-started', schemaVersion: 1, redoubtVersion, machine: hostname() });
    const inputs = await openInputs(options, {
      log,
      reportDirectory: directory,
      progress: views.progress,
      stack: views.stack,
    });
    const gate = views.stack.use(await GateRun.open(inputs));
    // The runner takes a while to load, and most of what comes here only lists or is refused.
    const { runSuites } = await import('./plan/japa-run.ts');
    const testsRun = await runSuites(gate);
    log.append({ type: 'run-ended', testsRun, peakRssBytes: process.resourceUsage().maxRSS * 1024 });
  } catch (error) {
    if (error instanceof RedoubtError && error.kind === 'usage') removeReport(directory);
    else failRun(log, directory, error, views);
    throw error;
  } finally {
    interruption.removeEventListener('abort', onInterrupt);
  }
  return { ...writeReport(directory, log.events, views.onReport), directory };
}

function failRun(log: EventLog, directory: string, error: unknown, views: GateViews): void {
  if (log.isOver) return;
  const [code, reason] =
    error instanceof RedoubtError ? [error.code, error.message] : ['internal', String(error)];
  try {
    log.append({ type: 'run-failed', code, reason });
    writeReport(directory, log.events, views.onReport);
  } catch {
    // The disk may be full, which is then the failure itself: what matters is to throw that one.
  }
}

/** Nothing ran, so that the same folder can be named again with the mistake mended. */
function removeReport(directory: string): void {
  rmSync(join(directory, 'events.ndjson'), { force: true });
  try {
    rmdirSync(directory);
  } catch {
    // It held something before: then it stays.
  }
}

function makeReportDirectory(asked: string | undefined): string {
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const directory =
    asked === undefined ? join(defaultReports, `${stamp}-gate-${String(process.pid)}`) : resolve(asked);
  try {
    makeFolder(directory);
    // A report belongs to one run: appending to another's events would mix them.
    writeFileSync(join(directory, 'events.ndjson'), '', { flag: 'wx' });
  } catch (cause) {
    const taken = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    throw new RedoubtError(
      taken ? 'usage' : 'infrastructure',
      'report-directory',
      `cannot put a report into ${directory}: ${taken ? 'it already holds one' : String(cause)}`,
      {
        remedy: 'Name another folder with --report.',
        cause,
      },
    );
  }
  return directory;
}
