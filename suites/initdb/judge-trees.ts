import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { RedoubtError } from '../../harness/error.ts';
import type { InitdbRun } from '../../harness/gate/initdb/initdb-run.ts';
import {
  compareDataDirectories,
  type DataDirectoryComparison,
} from '../../harness/verdict/data-directory-comparison.ts';
import type { DataTree } from '../../harness/verdict/data-tree.ts';
import { describeDataDifferences } from '../../harness/verdict/initdb-findings.ts';
import { describeInitdbFailure } from '../../harness/verdict/initdb-failure.ts';
import { describeRelation } from '../../harness/verdict/relation-words.ts';
import type { TreeRule } from '../../harness/verdict/tree-rules.ts';
import type { Examination } from '../promise.ts';

/** Two data directories, and what may differ between them. */
export interface TreesToCompare {
  readonly expected: DataTree;
  readonly actual: DataTree;
  /** Whose the expected one is: "initdb on debian:11". */
  readonly against: string;
  readonly rules: readonly TreeRule[];
  /** Why differences are only noted; undefined where they are findings. */
  readonly excuse?: string | undefined;
}

/** Finds whatever differs and no rule allows, and keeps all that differs, allowed or not, as evidence. */
export function judgeTrees(
  examination: Examination,
  { expected, actual, against, rules, excuse }: TreesToCompare,
): void {
  const comparison = compareDataDirectories(expected, actual, examination.cell.major, rules);
  const findings = describeDataDifferences(comparison.differences, against);
  if (excuse !== undefined && findings.length > 0) {
    examination.note(excuse);
    for (const { message } of findings) examination.note(message);
  } else {
    for (const finding of findings) examination.found(finding);
  }
  const rulesWords = rules.map(({ name }) => name).join(', ');
  keepEvidence(examination, comparison);
  examination.note(
    `${String(comparison.equalEntries)} entries equal to those of ${against}; allowed to differ: ${rulesWords}`,
  );
}

/** The run, if it ended well. Throws `initdb-unsuccessful`: what another check finds wrong cannot be compared. */
export function requireSuccess(run: InitdbRun, whose: string): InitdbRun {
  if (run.succeeded) return run;
  const { message } = describeInitdbFailure(run.process.ending, run.process.stderr);
  throw new RedoubtError(
    'infrastructure',
    'initdb-unsuccessful',
    `there is nothing to compare, since ${whose} failed: ${message}`,
    { remedy: 'The check "data-directory" of that bundle and host judges this.' },
  );
}

function keepEvidence({ gate, slug }: Examination, comparison: DataDirectoryComparison): void {
  const directory = join(gate.reportDirectory, 'evidence', slug);
  const lines = [
    ...comparison.allowed.map(({ raw, rule }) => `allowed (${rule.name}: ${rule.reason}): ${raw}`),
    ...comparison.differences.map((difference) =>
      difference.kind === 'relation'
        ? `relation ${describeRelation(difference)}`
        : JSON.stringify(difference),
    ),
  ];
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'differences.txt'), lines.map((line) => `${line}\n`).join(''));
}
