import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

const repository = join(import.meta.dirname, '../../..');

/** A file of the repository that another engine reads, by its path from the root. */
export function exampleText(path: string): string {
  return readFileSync(join(repository, path), 'utf8');
}

/** The values of its YAML documents. */
export function exampleDocuments(path: string): readonly unknown[] {
  return parseAllDocuments(exampleText(path)).map((document) => document.toJS() as unknown);
}

/** The first value under a name, at any depth, of which the test is true. */
export function findUnder(value: unknown, name: string, isWanted: (found: unknown) => boolean): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, each] of Object.entries(value)) {
    if (key === name && isWanted(each)) return each;
    const found = findUnder(each, name, isWanted);
    if (found !== undefined) return found;
  }
  return undefined;
}
