import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { RedoubtError } from '../../error.ts';
import { openReport } from '../../report/open-report.ts';
import type { Check } from '../../verdict/cell.ts';
import { defaultReports } from '../default-reports.ts';

/** Which of the planned checks a run examines; the verdict says that it has not examined the others. */
export interface CheckFilter {
  /** Completes "only those that": `match "recovery"`. */
  readonly words: string;
  readonly wants: (check: Pick<Check, 'id' | 'promise'>) => boolean;
}

/**
 * The filter that the user typed; undefined for all checks. With both, a check must satisfy both.
 * @throws RedoubtError `invalid-pattern`, `no-report` or `nothing-failed` (usage).
 */
export function chooseChecks(typed: {
  readonly grep?: string;
  /** The folder of a report, or true for the newest one. */
  readonly lastFailed?: string | true;
}): CheckFilter | undefined {
  const filters = [
    ...(typed.grep === undefined ? [] : [matching(typed.grep)]),
    ...(typed.lastFailed === undefined ? [] : [failedIn(typed.lastFailed)]),
  ];
  if (filters.length === 0) return undefined;
  return {
    words: filters.map(({ words }) => words).join(' and '),
    wants: (check) => filters.every(({ wants }) => wants(check)),
  };
}

/** Checks whose id or promise match a regular expression, large and small letters alike. */
function matching(pattern: string): CheckFilter {
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, 'i');
  } catch (cause) {
    throw new RedoubtError('usage', 'invalid-pattern', `--grep ${pattern}: no regular expression`, {
      remedy: 'Write words of a check, as in --grep walredo/recovery; --list shows all.',
      cause,
    });
  }
  return {
    words: `match "${pattern}"`,
    wants: ({ id, promise }) => expression.test(id) || expression.test(promise),
  };
}

/** Checks that did not pass in an earlier run: failed, or not judged. */
function failedIn(asked: string | true): CheckFilter {
  const directory = asked === true ? newestReport() : resolve(asked);
  const { report } = openReport(directory);
  const failed = new Set(
    report.cells.flatMap(({ checks }) =>
      checks.filter(({ outcome }) => outcome === 'failed' || outcome === 'not judged').map(({ id }) => id),
    ),
  );
  if (failed.size === 0)
    throw new RedoubtError(
      'usage',
      'nothing-failed',
      `--last-failed: no check failed in ${directory} (${report.sentence})`,
      { remedy: 'Run the gate without --last-failed, or name the report of another run.' },
    );
  return { words: 'did not pass in the run before', wants: ({ id }) => failed.has(id) };
}

function newestReport(): string {
  let names: readonly string[] = [];
  try {
    names = readdirSync(defaultReports);
  } catch {
    // There never was a run without --report.
  }
  const newest = names
    .filter((name) => /^\d{4}-.*-gate-\d+$/.test(name))
    .toSorted()
    .at(-1);
  if (newest !== undefined) return join(defaultReports, newest);
  throw new RedoubtError('usage', 'no-report', `--last-failed: ${defaultReports} holds no report`, {
    remedy: 'Name the folder of a report: --last-failed FOLDER.',
  });
}
