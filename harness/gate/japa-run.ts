import { configure, run } from '@japa/runner';
import { pathToFileURL } from 'node:url';

import { withinGate } from './gate-context.ts';
import type { GatePlan } from './gate-plan.ts';
import type { GateRun } from './gate-run.ts';
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
              log.append({ type: 'planned', cells: plan.cells, checks: plan.checks });
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
  return testsRun;
}
