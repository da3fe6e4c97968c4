import type { Command } from 'commander';

import { inspectMachine } from '../../host/machine/machine.ts';
import { runCommand } from '../command.ts';
import type { SurfaceOptions } from '../surface.ts';

/** `redoubt doctor`: what this machine can run and what it lacks. Exits with 3 when something necessary is missing. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('say what this machine can run, what is missing and how to get it')
    .option('--json', 'one JSON object on standard output')
    .action(async (options: SurfaceOptions) => {
      await runCommand(options, async ({ surface }) => {
        const facts = await inspectMachine();
        const { good, bad, doubtful } = surface.palette;
        const marks = { ok: good('ok'), degraded: doubtful('less'), missing: bad('MISSING') };
        const exitCode = facts.some(({ status }) => status === 'missing') ? 3 : 0;
        const lines = facts.flatMap(({ name, status, detail, remedy }) => [
          `${marks[status]}  ${name}: ${detail}`,
          ...(remedy === '' ? [] : [`      ${remedy}`]),
        ]);
        surface.result(lines, { schemaVersion: 1, exitCode, facts });
        return exitCode;
      });
    });
}
