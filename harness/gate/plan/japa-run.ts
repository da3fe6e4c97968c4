import { configure, run } from '@japa/runner';
import { pathToFileURL } from 'node:url';

import { RedoubtError } from '../../error.ts';
import { withinGate } from '../gate-context.ts';
import type { GatePlan } from './gate-plan.ts';
import type { GateRun } from '../gate-run.ts';
import { suiteFiles } from './suite-files.ts';

/** Lets the suites add their promises to the plan without examining any. */
export async function collectPromises(plan: GatePlan): Promise<void> {
  await withinGate({ kind: 'gate', plan, run: undefined }, async () => {
    for (const { files } of suiteFiles(plan.shape.suites)) {
      for (const file of files) await import(pathToFileURL(file).href);
    }
  });
}

/** Runs the suites with Japa and returns how many tests it ran; results reach the gate's event log as they happen. */
export async function runSuites(gate: GateRun): Promise<number> {
  const { plan, log } = gate;
  let testsRun = 0;
  configure({
    suites: suiteFiles(plan.shape.suites).map(({ suite, files }) => ({
      name: suite,
      files: () => files.map((file) => pathToFileURL(file)),
    })),
    reporters: {
      activated: ['events'],
      list: [
        {
          name: 'events',
          handler: (_, emitter) => {
            emitter.on('runner:start', () => {
              const { plannedCells: cells, checks, leftOut } = plan;
              log.append({ type: 'planned', cells, checks, ...(leftOut === 0 ? {} : { leftOut }) });
            });
            emitter.on('test:end', () => {
              testsRun++;
            });
          },
        },
      ],
    },
  });
  await withinGate({ kind: 'gate', plan, run: gate }, run);
  if (plan.checks.length === 0 && plan.shape.only !== undefined)
    throw new RedoubtError(
      'usage',
      'nothing-matches',
      `none of ${String(plan.leftOut)} checks is one of those that ${plan.shape.only.words}`,
      { remedy: 'See what there is with --list.' },
    );
  return testsRun;
}
