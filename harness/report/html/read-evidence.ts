import { evidenceFolder, readPageEvidence } from '../../verdict/read-page-evidence.ts';
import type { PageWithHistory } from '../../verdict/history-steps.ts';
import type { Report } from '../report.ts';

/** How one bad page came to be, with all its pages. */
export interface EvidencePage extends PageWithHistory {
  /** The folder of its evidence, as the finding names it. */
  readonly files: string;
}

const mostPages = 60;

/**
 * The evidence of a report's bad pages, as far as it lies in the report's folder: the first of each check in turn, so that
 * no check takes the room of all. What is missing or damaged is left out: the report says where it should be.
 */
export function readEvidence(directory: string, report: Report): readonly EvidencePage[] {
  const byCheck = Map.groupBy(
    report.findings.filter(({ page }) => typeof page?.files === 'string'),
    ({ check }) => check,
  );
  const turns = [...byCheck.values()];
  const longest = Math.max(0, ...turns.map((findings) => findings.length));
  const read: EvidencePage[] = [];
  for (let turn = 0; turn < longest; turn++) {
    for (const findings of turns) {
      const files = findings[turn]?.page?.files;
      if (read.length === mostPages) return read;
      const page = typeof files === 'string' ? readPage(directory, files) : undefined;
      if (page !== undefined) read.push(page);
    }
  }
  return read;
}

function readPage(directory: string, files: string): EvidencePage | undefined {
  const folder = evidenceFolder(directory, files);
  if (folder === undefined) return undefined;
  try {
    return { files, ...readPageEvidence(folder) };
  } catch {
    return undefined;
  }
}
