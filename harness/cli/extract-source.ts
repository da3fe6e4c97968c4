import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { RedoubtError } from '../error.ts';
import type { Reproduction } from '../redo/request/reproduction.ts';
import { openReport } from '../report/open-report.ts';
import { evidenceFiles } from '../verdict/page-history.ts';
import { reproducePage } from '../verdict/page-reproduction.ts';
import { evidenceFolder, isPageEvidence, readPageEvidence } from '../verdict/read-page-evidence.ts';

/** True for a report, or a folder of evidence: what has findings, not requests. */
export function isEvidence(source: string): boolean {
  return (
    isPageEvidence(source) ||
    ['events.ndjson', 'report.json'].some((name) => existsSync(join(source, name))) ||
    /\.(ndjson|json)$/.test(source)
  );
}

/**
 * What shows a bad page again: of a folder of evidence, or of the `number`th finding of a report that has evidence, from 1.
 * @throws RedoubtError `no-evidence` (usage), and what reading a report or evidence throws.
 */
export function reproductionOf(source: string, number: number): Reproduction {
  const folder = isPageEvidence(source) ? source : folderOfFinding(source, number);
  const page = readPageEvidence(folder);
  return reproducePage(page, readFileSync(join(folder, evidenceFiles.requests)));
}

function folderOfFinding(source: string, number: number): string {
  const { report, directory } = openReport(source);
  const folders = report.findings.flatMap(({ page }) => page?.files ?? []);
  const files = folders[number - 1];
  if (files === undefined) {
    throw new RedoubtError(
      'usage',
      'no-evidence',
      folders.length === 0
        ? `${source} has no finding about a page`
        : `--finding ${String(number)}: ${source} has ${String(folders.length)} findings about pages, from 1 on`,
    );
  }
  const folder = evidenceFolder(directory, files);
  if (folder === undefined || !isPageEvidence(folder)) {
    throw new RedoubtError('usage', 'no-evidence', `${source}: its evidence ${files} is not there`, {
      remedy: 'Name the whole folder of the run, with its evidence.',
    });
  }
  return folder;
}
