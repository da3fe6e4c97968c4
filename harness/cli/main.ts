import { Command, CommanderError } from 'commander';

import { redoubtVersion } from '../version.ts';
import { addBundleCommand } from './bundle-command.ts';
import { addCaptureCommand } from './capture-command.ts';
import { addCleanCommand } from './clean-command.ts';
import { addDoctorCommand } from './doctor-command.ts';
import { addGateCommand } from './gate-command.ts';
import { addHostsCommand } from './hosts-command.ts';
import { addReplayCommand } from './replay-command.ts';
import { addTestCommand } from './test-command.ts';

const program = new Command('redoubt')
  .description('May this bundle, on this distro, with these libraries, touch our pages?')
  .version(redoubtVersion)
  .addHelpText(
    'after',
    '\nExit codes: 0 compatible, 1 incompatible, 2 usage, 3 infrastructure (nothing judged).',
  )
  .showHelpAfterError('Type ./redoubt --help for the commands, ./redoubt COMMAND --help for its options.')
  .exitOverride();

for (const add of [
  addGateCommand,
  addCaptureCommand,
  addReplayCommand,
  addBundleCommand,
  addHostsCommand,
  addDoctorCommand,
  addCleanCommand,
  addTestCommand,
]) {
  add(program);
}
for (const command of program.commands) command.exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exit(error.exitCode === 0 ? 0 : 2);
}
