import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';
import { execa } from 'execa';

import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { redoubt } from '../support/redoubt-command.ts';
import { referenceBundle } from '../support/small-tape.ts';

const most = 20_000;

test.group('redoubt shrink', (group) => {
  let scratch: TemporaryDirectory;
  group.setup(async () => {
    scratch = await temporaryDirectory('reproductions');
    return async () => {
      await scratch[Symbol.asyncDispose]();
    };
  });
  async function shrink(words: string, out: string): ReturnType<typeof redoubt> {
    return redoubt(['shrink', ...words.split(' '), '--out', join(scratch.path, out), '--quiet']);
  }

  for (const { title, words, strings, pair, seen } of [
    {
      title: "C.UTF-8 of debian:11 and debian:12, among a user's own strings",
      words: '--from debian:11 --to debian:12 --locale C.UTF-8',
      strings: ['user 1 of the team', 'user 😀 of the team', 'nobody'],
      pair: [/^😀$/u, /^[a-z0-9]$/],
      seen: [
        'in order: 2 < 1',
        'found 1 by the table: 1',
        'found 2 by the table: 1',
        'found 1 by the index: 0',
        'found 2 by the index: 0',
        'ERROR:  item order invariant violated for index "pair_word"',
        'duplicates taken by the unique index: 2',
      ],
    },
    {
      title: 'libicu of debian:12 and debian:13, in names with apostrophes',
      words: '--from debian:12 --to debian:13 --locale und',
      strings: ["Mary O'Connor", 'Mary O’Brien'],
      pair: [/^'[A-Za-z]$/, /^’$/],
      seen: ['in order: 2 < 1'],
    },
  ]) {
    test(`makes two rows of ${title}, and its one command shows them again`, async ({ assert }) => {
      const file = join(scratch.path, 'strings.json');
      await writeFile(file, JSON.stringify(strings));
      const name = words.split(' ').join('');
      const folder = join(scratch.path, name);
      const { exitCode, stdout } = await shrink(`${words} --strings ${file}`, name);
      assert.equal(exitCode, 1, stdout);
      const names = await readdir(folder);
      assert.sameMembers(names, [
        'environments.json',
        'expected.txt',
        'reproduce.sh',
        'reproduce.sql',
        'seen.txt',
      ]);
      const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
      assert.isBelow(
        sizes.reduce((sum, size) => sum + size, 0),
        most,
      );
      const { left, right, compared } = JSON.parse(
        await readFile(join(folder, 'environments.json'), 'utf8'),
      ) as Record<'left' | 'right', { readonly text: string }> & { readonly compared: unknown };
      assert.match(left.text, pair[0] ?? /^$/);
      assert.match(right.text, pair[1] ?? /^$/);
      assert.deepEqual(compared, { from: '<', to: '>' });
      const expected = (await readFile(join(folder, 'expected.txt'), 'utf8')).split('\n');
      assert.includeMembers(expected, [
        'in order: 1 < 2',
        'found 1 by the index: 1',
        'amcheck: no complaint',
      ]);
      assert.includeMembers((await readFile(join(folder, 'seen.txt'), 'utf8')).split('\n'), seen);
      const again = await execa(join(folder, 'reproduce.sh'), ['--json', '--quiet'], { reject: false });
      assert.equal(again.exitCode, 1);
      assert.containSubset(JSON.parse(again.stdout), { isAsThen: true, exitCode: 1 });
    });
  }

  test("runs a server on a bundle's own libraries", async ({ assert }) => {
    const { directory } = await referenceBundle();
    const file = join(scratch.path, 'emoji');
    await writeFile(file, '😀\n0\n');
    const words = `--from debian:11 --to ${directory} --pg 17 --locale C.UTF-8 --strings ${file}`;
    const { exitCode, stdout } = await shrink(words, 'of-a-bundle');
    assert.equal(exitCode, 1, stdout);
    assert.notInclude(stdout, 'no server ran');
    assert.match(await readFile(join(scratch.path, 'of-a-bundle', 'seen.txt'), 'utf8'), /^in order: 2 < 1$/m);
  });

  test('finds nothing where nothing changes, and writes nothing', async ({ assert }) => {
    const file = join(scratch.path, 'plain');
    await writeFile(file, 'a\nb\nB\n');
    const words = `--from debian:12 --to debian:13 --locale en_US.UTF-8 --strings ${file}`;
    const { exitCode, stdout } = await shrink(words, 'nothing');
    assert.equal(exitCode, 0);
    assert.match(stdout, /^libc en_US\.UTF-8: no two strings change places from debian:12 to debian:13$/m);
    assert.notInclude(await readdir(scratch.path), 'nothing');
  });

  for (const { title, words, out, named } of [
    { title: 'a folder with something in it', words: '--locale und', out: '.', named: 'is not empty' },
    { title: 'two locales', words: '--locale und,sv', out: 'x', named: 'not one locale' },
    {
      title: 'two questions',
      words: '--locale und --strings /x --index /y',
      out: 'x',
      named: 'two questions',
    },
    {
      title: 'strings that are not there',
      words: '--locale und --strings /nowhere',
      out: 'x',
      named: '/nowhere',
    },
  ])
    test(`refuses ${title}`, async ({ assert }) => {
      const { exitCode, stderr } = await shrink(`--from debian:12 --to debian:13 ${words}`, out);
      assert.notEqual(exitCode, 0);
      assert.notEqual(exitCode, 1);
      assert.include(stderr, named);
    });

  test('reproduce refuses a folder that is no reproduction, and one that was meddled with', async ({
    assert,
  }) => {
    const { exitCode, stderr } = await redoubt(['reproduce', scratch.path]);
    assert.equal(exitCode, 2);
    assert.include(stderr, 'environments.json');
    for (const name of ['expected.txt', 'seen.txt']) await writeFile(join(scratch.path, name), '');
    await writeFile(
      join(scratch.path, 'environments.json'),
      JSON.stringify({ schemaVersion: 1, locale: "x'; DROP" }),
    );
    const meddled = await redoubt(['reproduce', scratch.path]);
    assert.equal(meddled.exitCode, 2);
    assert.include(meddled.stderr, 'is no reproduction');
  });
});
