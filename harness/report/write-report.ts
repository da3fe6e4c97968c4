import { join } from 'node:path';

import type { TimedEvent } from '../verdict/event.ts';
import { runHtml } from './html/run-html.ts';
import { deriveReport, type Report } from './report.ts';
import { writeWhole } from './write-whole.ts';

/** A report that was written into the folder of its run. */
export interface WrittenReport {
  readonly report: Report;
  /** Why there is no report.html; null when there is. */
  readonly htmlFault: string | null;
}

/**
 * Derives the report of a run and writes report.json and report.html. The verdict stands without the page for people: what
 * kept it from being written is returned. `onReport` is told in between. Throws `write-failed` for report.json.
 */
export function writeReport(
  directory: string,
  events: readonly TimedEvent[],
  onReport?: (report: Report) => void,
): WrittenReport {
  const report = deriveReport(events);
  writeWhole(join(directory, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  onReport?.(report);
  return { report, htmlFault: writeHtml(report, directory) };
}

function writeHtml(report: Report, directory: string): string | null {
  try {
    writeWhole(join(directory, 'report.html'), runHtml(report, directory));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
