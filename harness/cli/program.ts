import { CommanderError } from 'commander';

import { RedoubtError } from '../error.ts';
import { commandLine } from './command-line.ts';
import { Surface } from './surface.ts';

const words = process.argv.slice(2);
const program = await commandLine(words);
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
          : `Type ./redoubt ${command.name()} --help for its ${command.commands.length > 0 ? 'commands' : 'options'}.`,
    },
  );
}
