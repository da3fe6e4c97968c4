import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

import { RedoubtError } from '../error.ts';
import { openGivenTapes } from '../gate/given-tapes.ts';
import { parseMajors } from '../gate/gate-options.ts';
import { temporaryDirectory } from '../host/run-directory.ts';
import type { Reproduction } from '../redo/reproduction.ts';
import { Tape } from '../redo/tape.ts';
import { openReport } from '../report/open-report.ts';
import { evidenceFiles } from '../verdict/page-history.ts';
import { reproducePage } from '../verdict/page-reproduction.ts';
import { isPageEvidence, readPageEvidence } from '../verdict/read-page-evidence.ts';
import { isTape } from './page-words.ts';

/** Opens a tape, or a recording as one; undefined for what is neither. Throws what opening throws. */
export async function openTapeOrRecording(
  source: string,
  pg: string | undefined,
  stack: AsyncDisposableStack,
): Promise<Tape | undefined> {
  if (isTape(source)) return Tape.open(source);
  const isFile = statSync(source, { throwIfNoEntry: false })?.isFile() === true;
  if (!isFile || (pg === undefined && !source.endsWith('.walredo'))) return undefined;
  const scratch = stack.use(await temporaryDirectory('a recording'));
  const majors = pg === undefined ? undefined : parseMajors(pg);
  return openGivenTapes([source], majors, scratch.path)[0]?.tape;
}

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
  const folder = isPageEvidence(source) ? source : evidenceFolder(source, number);
  const page = readPageEvidence(folder);
  return reproducePage(page, readFileSync(join(folder, evidenceFiles.requests)));
}

function evidenceFolder(source: string, number: number): string {
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
  const folder = resolve(directory, files);
  // A report that was sent by somebody names no file outside of its folder.
  if (relative(resolve(directory), folder).split(sep)[0] === '..' || !isPageEvidence(folder)) {
    throw new RedoubtError('usage', 'no-evidence', `${source}: its evidence ${files} is not there`, {
      remedy: 'Name the whole folder of the run, with its evidence.',
    });
  }
  return folder;
}
