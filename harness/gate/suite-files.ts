import { join } from 'node:path';

import { suiteNames, type SuiteName } from '../verdict/cell.ts';

const suitesDirectory = join(import.meta.dirname, '../../suites');

/** The Japa file of each suite that has promises. */
const files: Readonly<Partial<Record<SuiteName, string>>> = {
  contract: join(suitesDirectory, 'contract.suite.ts'),
  initdb: join(suitesDirectory, 'initdb.suite.ts'),
  walredo: join(suitesDirectory, 'walredo.suite.ts'),
};

/** The suites that promise anything, in the order in which they run. */
export const suitesWithPromises: readonly SuiteName[] = suiteNames.filter(
  (suite) => files[suite] !== undefined,
);

/** The Japa files of the suites, in order. */
export function suiteFiles(
  suites: readonly SuiteName[],
): readonly { readonly suite: SuiteName; readonly file: string }[] {
  return suites.flatMap((suite) => {
    const file = files[suite];
    return file === undefined ? [] : [{ suite, file }];
  });
}
