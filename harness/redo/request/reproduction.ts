import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';

import tar from 'tar-stream';

import { walredoPageSizeBytes } from '../replay/message.ts';
import {
  reproductionScript,
  writeReproductionScript,
  type ReproductionScript,
} from './reproduction-script.ts';
import { writeFailed } from '../tape/write-all.ts';

/** Files of a folder that shows a wrong page with nothing but the bundle; a packed one has both others in an archive. */
export const reproductionFiles = { requests: 'requests', pages: 'pages', packed: 'shown.tar.gz' } as const;

/** A folder that would be larger is packed: of a record of several kB, its page is there twice, and compresses well. */
const mostBytes = 20_000;

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

/** What was written, and how much. */
export interface WrittenReproduction {
  /** Of all files, the script among them. */
  readonly bytes: number;
  /** True for a folder that is beyond 20 kB even packed: what is in it does not compress. */
  readonly isLarge: boolean;
}

/**
 * Writes `requests`, `pages` and `reproduce.sh` into `directory`, which must not exist; if that is more than 20 kB, the first
 * two as `shown.tar.gz`.
 * @throws RedoubtError `write-failed`.
 */
export async function writeReproduction(
  directory: string,
  reproduction: Reproduction,
): Promise<WrittenReproduction> {
  const { requests, pages } = reproduction;
  const plain: Choice = {
    files: new Map([
      [reproductionFiles.requests, requests],
      [reproductionFiles.pages, pages],
    ]),
    script: scriptOf(reproduction),
  };
  const chosen = bytesOf(plain) < mostBytes ? plain : await packed(plain);
  try {
    mkdirSync(directory);
    for (const [name, content] of chosen.files) writeFileSync(join(directory, name), content);
  } catch (error) {
    throw writeFailed(directory, error);
  }
  writeReproductionScript(directory, chosen.script);
  const bytes = bytesOf(chosen);
  return { bytes, isLarge: bytes >= mostBytes };
}

interface Choice {
  readonly files: ReadonlyMap<string, Buffer>;
  readonly script: ReproductionScript;
}

/** The same bytes for the same files: of no time. */
async function packed({ files, script }: Choice): Promise<Choice> {
  const pack = tar.pack();
  for (const [name, content] of files) pack.entry({ name, mtime: new Date(0) }, content);
  pack.finalize();
  return {
    files: new Map([[reproductionFiles.packed, gzipSync(await buffer(pack), { level: 9 })]]),
    script: { ...script, packedFile: reproductionFiles.packed },
  };
}

function bytesOf({ files, script }: Choice): number {
  return [...files.values()].reduce((sum, { length }) => sum + length, reproductionScript(script).length);
}

function scriptOf({ major, title, differences, requests, pages, found }: Reproduction): ReproductionScript {
  const judged = Array.from({ length: pages.length / walredoPageSizeBytes }, (_, page) => page);
  return {
    major,
    title,
    differences,
    requestsFile: reproductionFiles.requests,
    requestsSha256: sha256(requests),
    requests: judged.length,
    pagesFile: reproductionFiles.pages,
    judged,
    foundSha256: found === undefined ? undefined : sha256(found),
  };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
