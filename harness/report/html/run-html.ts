import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { RedoubtError } from '../../error.ts';
import type { TimedEvent } from '../../verdict/event.ts';
import { readEvents } from '../read-events.ts';
import type { Report } from '../report.ts';
import { htmlReport } from './html-report.ts';
import { readEvidence } from './read-evidence.ts';

/**
 * A report as one HTML file, with what lies in its folder: the pages of its evidence, and the events that say when its checks
 * ran. Without them it says less, and nothing else.
 */
export function runHtml(report: Report, directory: string, { isServed = false } = {}): string {
  const pages = readEvidence(directory, report);
  return htmlReport({ report, events: eventsOf(report, directory), pages, isServed });
}

/** None where the folder has no events, or those of another run. */
function eventsOf(report: Report, directory: string): readonly TimedEvent[] {
  const path = join(directory, 'events.ndjson');
  if (!existsSync(path)) return [];
  try {
    const events = readEvents(path);
    return events[0]?.at === report.run.startedAt ? events : [];
  } catch (error) {
    if (error instanceof RedoubtError) return [];
    throw error;
  }
}
