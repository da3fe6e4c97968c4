import { configure, run, test } from '@japa/runner';
import { pathToFileURL } from 'node:url';

import { RedoubtError } from '../../error.ts';
import { type DefineTest, withinGate } from '../gate-context.ts';
import type { GateRun } from '../gate-run.ts';
import { suiteFiles } from './suite-files.ts';

const define: DefineTest = (title, body) => {
  test(title, body).disableTimeout();
};

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
  await withinGate({ kind: 'gate', run: gate, define }, run);
  if (plan.checks.length === 0 && plan.shape.only !== undefined)
    throw new RedoubtError(
      'usage',
      'nothing-matches',
      `none of ${String(plan.leftOut)} checks is one of those that ${plan.shape.only.words}`,
      { remedy: 'See what there is with --list.' },
    );
  return testsRun;
}
