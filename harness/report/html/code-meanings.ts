import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const page = join(import.meta.dirname, '../../../docs/findings.md');
const entryHeading = /^### (\S+)$/m;
const advice = '_What to do:_ ';

/** What a finding of a code means, and what to do about it: its entry in docs/findings.md, in plain words. */
export interface CodeMeaning {
  readonly meaning: readonly string[];
  readonly advice: string | null;
}

/** The entries of those codes that have one. */
export function codeMeanings(codes: readonly string[]): Readonly<Record<string, CodeMeaning>> {
  const wanted = new Set(codes);
  const [, ...parts] = readFileSync(page, 'utf8').split(entryHeading);
  const meanings: Record<string, CodeMeaning> = {};
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [code = '', text = ''] = parts.slice(at, at + 2);
    if (wanted.has(code)) meanings[code] = meaningOf(text);
  }
  return meanings;
}

/** The paragraphs of an entry, as far as the heading of the next chapter. */
function meaningOf(text: string): CodeMeaning {
  const [own = ''] = text.split(/^## /m);
  const paragraphs = own
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.trim().replaceAll(/\s*\n\s*/g, ' '))
    .filter((paragraph) => paragraph !== '');
  const told = paragraphs.find((paragraph) => paragraph.startsWith(advice));
  return {
    meaning: paragraphs.filter((paragraph) => !paragraph.startsWith(advice)).map(plain),
    advice: told === undefined ? null : plain(told.slice(advice.length)),
  };
}

/** Markdown's marks of links and emphasis say nothing here; code is told by its backticks. */
function plain(text: string): string {
  return text
    .replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1')
    .replaceAll(/(^|\W)[*_]([^*_]+)[*_](?=\W|$)/g, '$1$2');
}
