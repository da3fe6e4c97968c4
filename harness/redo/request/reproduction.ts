import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { walredoPageSizeBytes } from '../replay/message.ts';
import { writeReproductionScript } from './reproduction-script.ts';
import { writeFailed } from '../tape/write-all.ts';

/** Files of a folder that shows a wrong page with nothing but the bundle. */
export const reproductionFiles = { requests: 'requests', pages: 'pages' } as const;

/** What walredo is asked, and what it must answer. */
export interface Reproduction {
  readonly major: number;
  /** What is shown, in a few words: names of relations may hold anything but lines of their own. */
  readonly title: string;
  /** The bytes for standard input. */
  readonly requests: Buffer;
  /** One page a request. */
  readonly pages: Buffer;
  /** What came back instead; undefined where that is not known, or nothing came. */
  readonly found: Buffer | undefined;
  /** In which fields the two differ, a line each. */
  readonly differences: readonly string[];
}

/**
 * Writes `requests`, `pages` and `reproduce.sh` into `directory`, which must not exist.
 * @throws RedoubtError `write-failed`.
 */
export function writeReproduction(directory: string, reproduction: Reproduction): void {
  try {
    mkdirSync(directory);
    writeFileSync(join(directory, reproductionFiles.requests), reproduction.requests);
    writeFileSync(join(directory, reproductionFiles.pages), reproduction.pages);
  } catch (error) {
    throw writeFailed(directory, error);
  }
  const { major, title, differences, requests, pages, found } = reproduction;
  const judged = Array.from({ length: pages.length / walredoPageSizeBytes }, (_, page) => page);
  writeReproductionScript(directory, {
    major,
    title,
    differences,
    requestsFile: reproductionFiles.requests,
    requestsSha256: sha256(requests),
    requests: judged.length,
    pagesFile: reproductionFiles.pages,
    judged,
    foundSha256: found === undefined ? undefined : sha256(found),
  });
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
