import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { RedoubtError } from '../error.ts';
import { pageSizeBytes } from '../page/page-bytes.ts';
import type { PageWithHistory } from './history-steps.ts';
import { evidenceFiles, type PageHistory } from './page-history.ts';

/** What a damaged file of steps may come to, unpacked. */
const mostStepsBytes = 16 * 2 ** 20;
const historyVersion = 1;

/** The folder that a finding names, in that of its report; undefined where it lies outside: a report may be anybody's. */
export function evidenceFolder(directory: string, files: string): string | undefined {
  const folder = resolve(directory, files);
  return relative(resolve(directory), folder).split(sep)[0] === '..' ? undefined : folder;
}

/** True for a folder that holds the evidence of a bad page, with how it came to be. */
export function isPageEvidence(folder: string): boolean {
  return existsSync(join(folder, evidenceFiles.history));
}

/**
 * Reads the evidence of a bad page.
 * @throws RedoubtError `evidence-invalid`, which names the file, or `evidence-newer`.
 */
export function readPageEvidence(folder: string): PageWithHistory {
  const history = readHistory(join(folder, evidenceFiles.history));
  const [expected] = readPages(join(folder, evidenceFiles.expected), 1) as [Buffer];
  const [actual] = history.isAnswered === false ? [] : readPages(join(folder, evidenceFiles.actual), 1);
  const steps = history.steps === null ? [] : readPages(join(folder, evidenceFiles.steps));
  return { history, expected, actual, steps };
}

function readHistory(path: string): PageHistory {
  const history = whole(path, () => JSON.parse(readFileSync(path, 'utf8')) as Partial<PageHistory> | null);
  const version: number | undefined = history?.schemaVersion;
  if (typeof version !== 'number' || !Array.isArray(history?.records) || !Array.isArray(history.notes)) {
    throw invalid(path, 'it is no history of a page');
  }
  if (version > historyVersion) {
    throw new RedoubtError(
      'infrastructure',
      'evidence-newer',
      `${path} has schema version ${String(version)}, this Redoubt reads up to ${String(historyVersion)}`,
    );
  }
  return history as PageHistory;
}

/** Whole pages, so many of them if `count` says so; those of steps are compressed. */
function readPages(path: string, count?: number): readonly Buffer[] {
  const bytes = whole(path, () => {
    const read = readFileSync(path);
    return path.endsWith('.gz') ? gunzipSync(read, { maxOutputLength: mostStepsBytes }) : read;
  });
  const pages = bytes.length / pageSizeBytes;
  if (!Number.isInteger(pages) || (count !== undefined && pages !== count))
    throw invalid(path, `it has ${String(bytes.length)} bytes`);
  return Array.from({ length: pages }, (_, at) =>
    bytes.subarray(at * pageSizeBytes, (at + 1) * pageSizeBytes),
  );
}

function whole<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw invalid(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function invalid(path: string, what: string, cause?: unknown): RedoubtError {
  return new RedoubtError('infrastructure', 'evidence-invalid', `${path}: ${what}`, {
    remedy: 'The evidence is damaged; take a fresh copy of the report, or run the gate again.',
    cause,
  });
}
