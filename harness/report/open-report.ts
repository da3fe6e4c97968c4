import { readFileSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { RedoubtError } from '../error.ts';
import { firstFault } from './first-fault.ts';
import { readEvents } from './read-events.ts';
import { deriveReport, reportSchemaVersion, type Report } from './report.ts';
import { reportSchema } from './report-schema.ts';
import { upgraded, type VersionedForm } from './schema-upgrade.ts';

/** A report, and where the evidence that it names lies. */
export interface OpenedReport {
  readonly report: Report;
  /** Paths of evidence are relative to it. */
  readonly directory: string;
}

const reportForm: VersionedForm = { name: 'report', version: reportSchemaVersion, steps: new Map() };

/**
 * Opens the report of a run by its folder, its report.json or its events.ndjson. Events are the source: where they are there
 * the report is derived from them, also when the run was killed; a report.json stands by itself.
 * @throws RedoubtError `no-report` (usage), `report-invalid`, `report-newer` (infrastructure), and what readEvents throws.
 */
export function openReport(path: string): OpenedReport {
  if (!isDirectory(path)) {
    const report = path.endsWith('.ndjson') ? deriveReport(readEvents(path)) : readReport(path);
    return { report, directory: dirname(path) };
  }
  const events = join(path, 'events.ndjson');
  const json = join(path, 'report.json');
  if (isThere(events)) return { report: deriveReport(readEvents(events)), directory: path };
  if (isThere(json)) return { report: readReport(json), directory: path };
  throw noReport(`${path} holds neither events.ndjson nor report.json`);
}

/** Reads a report.json of any version so far. Throws what {@link openReport} throws. */
function readReport(path: string): Report {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw noReport(`cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(path, 'it is not JSON', cause);
  }
  const version = versionOf(value);
  if (version === undefined) throw invalid(path, 'it has no schemaVersion that is a number from 1');
  const parsed = reportSchema.safeParse(upgraded(reportForm, path, version, value));
  if (!parsed.success) throw invalid(path, firstFault(parsed.error));
  return parsed.data as unknown as Report;
}

function versionOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null || !('schemaVersion' in value)) return undefined;
  const { schemaVersion } = value;
  return typeof schemaVersion === 'number' && Number.isInteger(schemaVersion) && schemaVersion > 0
    ? schemaVersion
    : undefined;
}

function noReport(message: string, cause?: unknown): RedoubtError {
  return new RedoubtError('usage', 'no-report', message, {
    remedy:
      "Name the folder of a run, its report.json or its events.ndjson; the gate's last line names the folder.",
    cause,
  });
}

function invalid(path: string, fault: string, cause?: unknown): RedoubtError {
  return new RedoubtError('infrastructure', 'report-invalid', `${path} is no report of Redoubt: ${fault}`, {
    remedy: 'Give the report as it was written; events.ndjson beside it makes it anew.',
    details: { path, fault },
    cause,
  });
}

function isDirectory(path: string): boolean {
  return statOf(path)?.isDirectory() === true;
}

function isThere(path: string): boolean {
  return statOf(path)?.isFile() === true;
}

/** Undefined for what cannot be looked at, whatever the reason: reading it says which. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
