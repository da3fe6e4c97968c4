import { readFile } from 'node:fs/promises';

import { RedoubtError } from '../error.ts';
import { systemError } from '../host/system-error.ts';
import { guessPageKind } from '../page/kind.ts';
import { pageSizeBytes } from '../page/page-bytes.ts';
import { readLeafEntries } from './btree-leaves.ts';

/** What UTF-8 text in a database cannot be: a number that was read as one is, or does not decode. */
const noText = /[\0\uFFFD]/;

/**
 * The different keys of a btree on text in UTF-8, from its file at rest: those of its first column. Throws `index-unfit`
 * (usage) for what is none, `index-file-damaged` (infrastructure).
 */
export async function readIndexStrings(path: string): Promise<readonly string[]> {
  const file = await readFile(path).catch((error: unknown) => {
    throw systemError(`cannot read the index file ${path}`, error);
  });
  const kind = file.length < pageSizeBytes ? undefined : guessPageKind(file.subarray(0, pageSizeBytes));
  if (kind !== 'btree') throw unfit(path, `${path} is no btree${whatElse(kind)}`);
  const keys = (await readLeafEntries(path)).flatMap(({ key }) => key ?? []);
  const texts = [...new Set(keys)].filter((key) => key !== '' && !noText.test(key));
  if (texts.length < 2) throw unfit(path, `${path} has no two keys that begin with a text`);
  return texts;
}

function whatElse(kind: string | undefined): string {
  if (kind === undefined || kind === 'other') return '';
  return kind === 'heap' ? ', but looks like a table' : `, but looks like ${kind}`;
}

function unfit(path: string, message: string): RedoubtError {
  return new RedoubtError('usage', 'index-unfit', message, {
    remedy:
      "Give the column's strings with --strings, as psql -XAtc 'SELECT DISTINCT word FROM words' writes them.",
    details: { path },
  });
}
