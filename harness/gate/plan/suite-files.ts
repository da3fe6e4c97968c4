import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { suiteNames, type SuiteName } from '../../verdict/cell.ts';

const suitesDirectory = join(import.meta.dirname, '../../../suites');

/** The Japa files of each suite: one promises about one thing, `suites/contract/programs.suite.ts`. */
const files: ReadonlyMap<SuiteName, readonly string[]> = new Map(
  suiteNames.map((suite) => [suite, filesOf(join(suitesDirectory, suite))]),
);

/** The suites that promise anything, in the order in which they run. */
export const suitesWithPromises: readonly SuiteName[] = suiteNames.filter(
  (suite) => (files.get(suite) ?? []).length > 0,
);

/** The Japa files of the suites, in order. */
export function suiteFiles(
  suites: readonly SuiteName[],
): readonly { readonly suite: SuiteName; readonly files: readonly string[] }[] {
  return suites.flatMap((suite) => {
    const own = files.get(suite) ?? [];
    return own.length === 0 ? [] : [{ suite, files: own }];
  });
}

function filesOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith('.suite.ts'))
      .toSorted()
      .map((name) => join(directory, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
