import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@japa/runner';
import { Command } from 'commander';
import { execa } from 'execa';

import { ensureReferenceBundle } from '../../harness/bundle/reference/ensure.ts';
import { silent } from '../../harness/host/progress.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';

/*
 * The commands in docs/ are run as they stand there, in a folder that has what they name. In CI those that take a second, of
 * the others the options; in the full tier all of them. The README's options are looked at, too.
 */

const repository = join(import.meta.dirname, '../..');
const isFull = process.env['REDOUBT_TEST_TIER'] === 'full';
const cheap = /^\.\/redoubt (report|diff|explain|extract|replay|hosts|doctor|gate --list)\b/;
/** Little enough for the dear ones, and enough for three shards. */
const policy = `export const policy = { majors: [17], hosts: ['debian:11', 'debian:12', 'debian:13'] };\n`;
/** They need a run that failed before, or a bundle that is wrong: reproduction.product runs those. */
const passing = /--last-failed$|redoubt (open|bisect|extract my-report) /;

/** The commands of a page's shell blocks, without comments; one that goes on in the next line is one. */
function commandsOf(page: string): readonly string[] {
  const blocks = [...readFileSync(join(repository, page), 'utf8').matchAll(/^```sh\n([^]*?)^```/gm)];
  return blocks
    .flatMap(([, block = '']) => block.replaceAll('\\\n', ' ').split('\n'))
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line.startsWith('./redoubt'));
}

const pages = readdirSync(join(repository, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);
const documented = pages.flatMap(commandsOf);

/** A folder with all that the commands name. */
async function fill(place: string): Promise<void> {
  symlinkSync(join(repository, 'redoubt'), join(place, 'redoubt'));
  symlinkSync((await ensureReferenceBundle(silent)).path, join(place, 'bundle.tar.zst'));
  symlinkSync(join(repository, 'corpora/tapes/pg17'), join(place, 'my-tape'));
  cpSync(join(repository, 'test/report/fixtures/version-1'), join(place, 'my-report'), { recursive: true });
  const page = readFileSync(join(repository, 'corpora/tapes/pg17/oracle')).subarray(0, 8192);
  writeFileSync(join(place, 'expected.page'), page);
  writeFileSync(join(place, 'actual.page'), Buffer.from(page).fill(1, 8000, 8001));
  writeFileSync(join(place, 'redoubt.config.ts'), policy);
}

test.group('the commands in docs/', () => {
  test('run as they stand there', async ({ assert }) => {
    await using scratch = await temporaryDirectory('commands of the docs');
    await fill(scratch.path);
    const commands = documented.filter((line) => !passing.test(line) && (isFull || cheap.test(line)));
    assert.isAbove(commands.length, 10);
    for (const command of commands) {
      const { exitCode, stderr, all } = await execa('sh', ['-c', command], {
        cwd: scratch.path,
        reject: false,
        all: true,
        stdin: 'ignore',
      });
      assert.include([0, 1], exitCode ?? -1, `${command}\n${all}`);
      assert.notInclude(stderr, 'redoubt: ', command);
    }
  }).timeout(3_600_000);

  test('have only options that there are, in the README as well', async ({ assert }) => {
    const program = await commandLine();
    const used = new Set<Command>();
    for (const line of [...documented, ...commandsOf('README.md')]) {
      const { stdout } = await execa('sh', [
        '-c',
        `set -f; printf '%s\\n' ${line.replaceAll(/[<>|;]/g, ' ')}`,
      ]);
      const [, ...words] = stdout.split('\n');
      const command = findCommand(program, words);
      if (command === undefined) {
        assert.include(['--version', '--help'], words[0] ?? '', line);
        continue;
      }
      used.add(command);
      const known = [...command.options.map(({ long }) => long), '--help'];
      for (const word of words.filter((each) => each.startsWith('--') && each.length > 2))
        assert.include(known, word.replace(/=.*$/, ''), line);
    }
    assert.isAbove(used.size, 10);
  });
});

/** The whole command line, of which nothing is run. */
async function commandLine(): Promise<Command> {
  const program = new Command();
  const folder = join(repository, 'harness/cli/commands');
  for (const name of readdirSync(folder).filter((each) => each.endsWith('-command.ts'))) {
    const module = (await import(join(folder, name))) as Readonly<Record<string, (to: Command) => void>>;
    for (const [exported, add] of Object.entries(module)) if (/^add\w+Command$/.test(exported)) add(program);
  }
  return program;
}

/** `bundle build` is a command of a command. */
function findCommand(parent: Command, [first, ...rest]: readonly string[]): Command | undefined {
  const found = parent.commands.find((command) => command.name() === first);
  return found === undefined ? undefined : (findCommand(found, rest) ?? found);
}
