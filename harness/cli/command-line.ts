import { Command } from 'commander';

import { redoubtVersion } from '../version.ts';
import { addBisectCommand } from './commands/bisect-command.ts';
import { addBundleCommand } from './commands/bundle-command.ts';
import { addCaptureCommand } from './commands/capture-command.ts';
import { addCleanCommand } from './commands/clean-command.ts';
import { addCoverageCommand } from './commands/coverage-command.ts';
import { addDiffCommand } from './commands/diff-command.ts';
import { addDoctorCommand } from './commands/doctor-command.ts';
import { addDriftCommand } from './commands/drift-command.ts';
import { addExplainCommand } from './commands/explain-command.ts';
import { addExtractCommand } from './commands/extract-command.ts';
import { addGateCommand } from './commands/gate-command.ts';
import { addHostsCommand } from './commands/hosts-command.ts';
import { addInspectCommand } from './commands/inspect-command.ts';
import { addMatrixCommand } from './commands/matrix-command.ts';
import { addMergeReportsCommand } from './commands/merge-reports-command.ts';
import { addNightlyCommand } from './commands/nightly-command.ts';
import { addOpenCommand } from './commands/open-command.ts';
import { addPinCommand } from './commands/pin-command.ts';
import { addRegressCommand } from './commands/regress-command.ts';
import { addReplayCommand } from './commands/replay-command.ts';
import { addReportCommand } from './commands/report-command.ts';
import { addReproduceCommand } from './commands/reproduce-command.ts';
import { addShrinkCommand } from './commands/shrink-command.ts';
import { addTestCommand } from './commands/test-command.ts';

/** The commands by what somebody wants, in the order in which they are mostly met. */
const groups: Readonly<Record<string, readonly ((to: Command) => void)[]>> = {
  'Judge a bundle:': [
    addGateCommand,
    addMatrixCommand,
    addMergeReportsCommand,
    addNightlyCommand,
    addPinCommand,
    addRegressCommand,
  ],
  'Look at what was found:': [
    addReportCommand,
    addOpenCommand,
    addExplainCommand,
    addDiffCommand,
    addExtractCommand,
    addBisectCommand,
  ],
  'Pages of your own:': [addCaptureCommand, addReplayCommand, addCoverageCommand],
  'Does order change:': [addDriftCommand, addShrinkCommand, addReproduceCommand],
  'Bundles:': [addInspectCommand, addBundleCommand],
  'This machine:': [addDoctorCommand, addHostsCommand, addCleanCommand, addTestCommand],
};
/** The whole command line; parsing it runs what was typed. It throws commander's errors instead of ending the process. */
export function commandLine(): Command {
  const program = new Command('redoubt')
    .description('May this bundle, on this distro, with these libraries, touch our pages?')
    .version(redoubtVersion)
    .addHelpText('after', '\nExit codes: 0 compatible, 1 incompatible, 2 usage, 3 infrastructure.')
    // An error of the arguments is told below like every other.
    .configureOutput({ outputError: () => {} })
    .configureHelp({ subcommandTerm: termOf })
    .exitOverride();
  for (const [heading, commands] of Object.entries(groups)) {
    program.commandsGroup(heading);
    for (const add of commands) add(program);
  }
  program.helpCommand('help [command]', 'the help of a command');
  return program;
}

/** A command with its arguments; that it has options goes without saying. */
function termOf(command: Command): string {
  const names = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), ...names].join(' ');
}
