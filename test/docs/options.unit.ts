import { test } from '@japa/runner';
import type { Command } from 'commander';

import { commandLine } from '../../harness/cli/command-line.ts';
import { pages, shownCommandsOf } from './support/pages.ts';

/** What a command's help says after its options. */
function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({
    writeOut: (text) => {
      help += text;
    },
    getOutHelpWidth: () => 80,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return help;
}

function everyCommand(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/** `bundle build` is a command of a command. */
function findCommand(parent: Command, [first, ...rest]: readonly string[]): Command | undefined {
  const found = parent.commands.find((command) => command.name() === first);
  return found === undefined ? undefined : (findCommand(found, rest) ?? found);
}

function wordsOf(line: string): readonly string[] {
  const words = line.match(/'[^']*'|\S+/g) ?? [];
  return words.slice(1).map((word) => word.replaceAll("'", ''));
}

const whole = await commandLine();
const commands = everyCommand(whole);

test.group('a command that is shown', () => {
  const lines = [
    ...pages.flatMap(shownCommandsOf),
    ...commands.flatMap((command) =>
      [...helpOf(command).matchAll(/^ {2}(\.\/redoubt .*)$/gm)].map(([, line = '']) => line),
    ),
  ];

  test('has only options that there are', ({ assert }) => {
    const used = new Set<string>();
    for (const line of lines) {
      const words = wordsOf(line);
      const command = findCommand(whole, words);
      if (command === undefined) {
        assert.match(words[0] ?? '', /^--(version|help)$|^COMMAND$/, line);
        continue;
      }
      used.add(command.name());
      const known = [...command.options.map(({ long }) => long), '--help'];
      for (const word of words.filter((each) => each.startsWith('--') && each.length > 2))
        assert.include(known, word.replace(/=.*$/, ''), line);
    }
    // Whoever reads meets every command somewhere.
    assert.deepEqual(
      commands
        .filter((each) => each.commands.length === 0 && !used.has(each.name()))
        .map((each) => each.name()),
      [],
    );
  });
});

test('commands that are not typed are not loaded, and look the same', async ({ assert }) => {
  const short = await commandLine(['hosts', '--json']);
  assert.equal(helpOf(short), helpOf(whole));
  const known = short.commands.filter(({ options }) => options.length > 0).map((each) => each.name());
  assert.deepEqual(known, ['hosts']);
});

test.group('the help of each command', () => {
  for (const command of commands) {
    test(`fits a terminal of 80 columns: ${command.name()}`, ({ assert }) => {
      const help = helpOf(command);
      for (const line of help.split('\n')) assert.isAtMost(line.length, 80, line);
      assert.include(help, command.description().slice(0, 20));
    });
  }
});
