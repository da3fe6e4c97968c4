import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';

import { RedoubtError } from '../error.ts';
import { systemError } from '../host/system-error.ts';

const mostBytes = 64 * 2 ** 20;

/** A key as findings show it: `"😀 web" (U+1F600)`. */
const shownKey = /^"(.*?)(?:\.\.\.)?"(?: \([^)]*\))?$/s;

/**
 * The strings of a file: a JSON array of them, one a line, or a report (of `gate`, or of `drift`) of whose findings every key
 * and example is taken. Throws `no-strings`, `strings-not-utf8`, `strings-too-large` (usage).
 */
export async function readStrings(path: string): Promise<readonly string[]> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'EISDIR')
      throw new RedoubtError('usage', 'no-strings', `there is no file of strings at ${path}`, {
        remedy: 'Give a string a line, a JSON array of strings, or a report with findings.',
        details: { path },
        cause: error,
      });
    throw systemError(`cannot read the strings in ${path}`, error);
  });
  if (bytes.length > mostBytes)
    throw new RedoubtError('usage', 'strings-too-large', `${path} has ${String(bytes.length)} bytes`, {
      remedy: `Give at most ${String(mostBytes)}.`,
    });
  if (!isUtf8(bytes))
    throw new RedoubtError('usage', 'strings-not-utf8', `${path} is not in UTF-8`, {
      remedy: `Convert it: iconv --from-code=LATIN1 --to-code=UTF-8 ${path}`,
      details: { path },
    });
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  const value = parsed(text);
  const strings = value === undefined ? text.split(/\r?\n/) : [...stringsIn(value)].flatMap(withoutDress);
  const unique = [...new Set(strings)].filter((each) => each !== '');
  if (unique.length >= 2) return unique;
  throw new RedoubtError('usage', 'no-strings', `${path} has no two strings to compare`, {
    remedy: 'Give a string a line, a JSON array of strings, or a report with findings.',
    details: { path },
  });
}

function parsed(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** In an array every string; in an object those of its arrays, and texts of examples. */
function* stringsIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) {
    for (const each of value as readonly unknown[])
      if (typeof each === 'string') yield each;
      else yield* stringsIn(each);
  } else if (typeof value === 'object' && value !== null)
    for (const [key, each] of Object.entries(value))
      if (key === 'text' && typeof each === 'string') yield each;
      else yield* stringsIn(each);
}

function withoutDress(text: string): readonly string[] {
  const [, bare] = shownKey.exec(text) ?? [];
  return bare === undefined ? [text] : [text, bare];
}
