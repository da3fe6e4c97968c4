import { Command, CommanderError } from 'commander';

import { RedoubtError } from '../error.ts';
import { redoubtVersion } from '../version.ts';
import { addBisectCommand } from './bisect-command.ts';
import { addBundleCommand } from './bundle-command.ts';
import { addCaptureCommand } from './capture-command.ts';
import { addCleanCommand } from './clean-command.ts';
import { addCoverageCommand } from './coverage-command.ts';
import { addDiffCommand } from './diff-command.ts';
import { addDoctorCommand } from './doctor-command.ts';
import { addDriftCommand } from './drift-command.ts';
import { addExplainCommand } from './explain-command.ts';
import { addExtractCommand } from './extract-command.ts';
import { addGateCommand } from './gate-command.ts';
import { addHostsCommand } from './hosts-command.ts';
import { addInspectCommand } from './inspect-command.ts';
import { addMatrixCommand } from './matrix-command.ts';
import { addMergeReportsCommand } from './merge-reports-command.ts';
import { addNightlyCommand } from './nightly-command.ts';
import { addOpenCommand } from './open-command.ts';
import { addPinCommand } from './pin-command.ts';
import { addRegressCommand } from './regress-command.ts';
import { addReplayCommand } from './replay-command.ts';
import { addReproduceCommand } from './reproduce-command.ts';
import { addShrinkCommand } from './shrink-command.ts';
import { addReportCommand } from './report-command.ts';
import { Surface } from './surface.ts';
import { addTestCommand } from './test-command.ts';

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
