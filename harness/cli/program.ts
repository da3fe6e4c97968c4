import { Command, CommanderError } from 'commander';

import { RedoubtError } from '../error.ts';
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
import { addReproduceCommand } from './commands/reproduce-command.ts';
import { addShrinkCommand } from './commands/shrink-command.ts';
import { addReportCommand } from './commands/report-command.ts';
import { Surface } from './surface.ts';
import { addTestCommand } from './commands/test-command.ts';

const program = new Command('redoubt')
  .description('May this bundle, on this distro, with these libraries, touch our pages?')
  .version(redoubtVersion)
  .addHelpText(
    'after',
    '\nExit codes: 0 compatible, 1 incompatible, 2 usage, 3 infrastructure (nothing judged).',
  )
  // An error of the arguments is told below like every other.
  .configureOutput({ outputError: () => {} })
  .exitOverride();

for (const add of [
  addGateCommand,
  addMatrixCommand,
  addMergeReportsCommand,
  addCaptureCommand,
  addReplayCommand,
  addExplainCommand,
  addDiffCommand,
  addExtractCommand,
  addBisectCommand,
  addCoverageCommand,
  addDriftCommand,
  addShrinkCommand,
  addReproduceCommand,
  addRegressCommand,
  addInspectCommand,
  addBundleCommand,
  addPinCommand,
  addNightlyCommand,
  addReportCommand,
  addOpenCommand,
  addHostsCommand,
  addDoctorCommand,
  addCleanCommand,
  addTestCommand,
]) {
  add(program);
}

const words = process.argv.slice(2);
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError && error.exitCode === 0) process.exit(0);
  const surface = new Surface({ json: words.includes('--json') });
  process.exit(surface.failed(error instanceof CommanderError ? wrongArguments(error) : error));
}

function wrongArguments({ code, message }: CommanderError): RedoubtError {
  const command = program.commands.find((each) => each.name() === words[0]);
  return new RedoubtError(
    'usage',
    'arguments',
    // Commander has printed the help instead, which names the commands.
    code === 'commander.help' ? 'name a command' : message.replace(/^error: /, '').replaceAll('\n', ' '),
    {
      remedy:
        command === undefined
          ? 'Type ./redoubt --help for the commands.'
          : `Type ./redoubt ${command.name()} --help for its options.`,
    },
  );
}
