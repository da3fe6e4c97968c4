import { Command } from 'commander';

import { redoubtVersion } from '../version.ts';
import { commandGroups } from './command-table.ts';

/**
 * The command line; parsing it runs what was typed. It throws commander's errors instead of ending the process. Commands that
 * are not among `typed` only tell what they are; without it all are whole.
 */
export async function commandLine(typed?: readonly string[]): Promise<Command> {
  const program = new Command('redoubt')
    .description('May this bundle, on this distro, with these libraries, touch our pages?')
    .version(redoubtVersion)
    .addHelpText('after', '\nExit codes: 0 compatible, 1 incompatible, 2 usage, 3 infrastructure.')
    // An error of the arguments is told below like every other.
    .configureOutput({ outputError: () => {} })
    .configureHelp({ subcommandTerm: termOf })
    .exitOverride();
  for (const [heading, entries] of Object.entries(commandGroups)) {
    program.commandsGroup(heading);
    for (const { words, summary, load } of entries) {
      const [name = ''] = words.split(' ');
      if (typed?.includes(name) === false) program.command(words);
      else (await load())(program);
      program.commands.at(-1)?.summary(summary);
    }
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
