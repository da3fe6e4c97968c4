import { pathToFileURL } from 'node:url';

import type { SuiteName } from '../../verdict/cell.ts';
import { type ChecksOf, withinGate } from '../gate-context.ts';
import type { GatePlan } from './gate-plan.ts';
import type { PlannedCheck } from './planned-check.ts';
import { suiteFiles, suitesWithPromises } from './suite-files.ts';

/** What the suites promise, to be held against as many plans as a run has. */
export class SuitePromises {
  readonly #bySuite: ReadonlyMap<SuiteName, readonly ChecksOf[]>;

  private constructor(bySuite: ReadonlyMap<SuiteName, readonly ChecksOf[]>) {
    this.#bySuite = bySuite;
  }

  /** Imports the suites' files, which a process can do once: before that, nobody else may have imported one. */
  static async collect(): Promise<SuitePromises> {
    const bySuite = new Map<SuiteName, ChecksOf[]>();
    const add = (suite: SuiteName, checksOf: ChecksOf): void => {
      bySuite.set(suite, [...(bySuite.get(suite) ?? []), checksOf]);
    };
    await withinGate({ kind: 'collection', add }, async () => {
      for (const { files } of suiteFiles(suitesWithPromises)) {
        for (const file of files) await import(pathToFileURL(file).href);
      }
    });
    return new SuitePromises(bySuite);
  }

  /** The checks of a plan's cells, in the plan's order; the plan then has them, too. */
  checksOf(plan: GatePlan): readonly PlannedCheck[] {
    const checks = plan.shape.suites
      .flatMap((suite) => this.#bySuite.get(suite) ?? [])
      .flatMap((checksOf) => checksOf(plan));
    const byCell = Map.groupBy(checks, ({ cell }) => cell);
    const ordered = plan.cells.flatMap(({ id }) => byCell.get(id) ?? []);
    for (const { id, cell, promise } of ordered) plan.promise({ id, cell, promise });
    return ordered;
  }
}
