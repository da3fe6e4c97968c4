import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { RedoubtError } from '../error.ts';
import { readEvents } from '../report/read-events.ts';
import { deriveReport, type Report } from '../report/report.ts';
import { reportEdited, requireUnedited, sealOf } from '../report/seal.ts';
import { integrityOf } from './lock-file.ts';

/** A report that is as the run left it. */
export interface SealedReport {
  readonly report: Report;
  /** SHA-256 of report.json. */
  readonly digest: string;
}

/**
 * Reads the folder of a run, and makes sure that it is whole and that nobody edited it: its last event has a digest over all
 * others, and report.json says what follows from them. Throws `report-cut` (infrastructure) for a run that did not end,
 * `report-edited`, or `report-unsealed` for one of an older Redoubt (usage).
 */
export function readSealedReport(directory: string): SealedReport {
  const eventsPath = join(directory, 'events.ndjson');
  const reportPath = join(directory, 'report.json');
  const events = readEvents(eventsPath);
  requireSeal(eventsPath);
  const derived = deriveReport(events);
  const bytes = readFile(reportPath);
  let stated: unknown;
  try {
    stated = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw reportEdited(`${reportPath} is not JSON`, cause);
  }
  if (typeof stated !== 'object' || stated === null || integrityOf(stated) !== integrityOf(derived))
    throw reportEdited(`${reportPath} does not say what ${eventsPath} says`);
  return { report: derived, digest: createHash('sha256').update(bytes).digest('hex') };
}

function requireSeal(path: string): void {
  const seal = sealOf(path);
  requireUnedited(path, seal);
  if (seal.kind === 'no end')
    throw new RedoubtError(
      'infrastructure',
      'report-cut',
      `${path} is of a run that did not come to its end: nothing is approved by it`,
      { remedy: 'Run the gate again, to its end.', details: { path } },
    );
  if (seal.kind === 'no digest')
    throw new RedoubtError(
      'usage',
      'report-unsealed',
      `${path} bears no digest, so that nobody can tell whether it was edited: an older Redoubt made it`,
      { remedy: 'Run the gate again.', details: { path } },
    );
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new RedoubtError(
      'usage',
      'no-report',
      `cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { remedy: "Name the folder of a run: the gate's last line names it.", details: { path }, cause },
    );
  }
}
