import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';

import { test } from '@japa/runner';

import type { Report } from '../../harness/report/report.ts';
import { redoubt, type CommandOutcome } from '../support/redoubt-command.ts';
import { Workplace } from './support/workplace.ts';

/* Every command ends with the right exit code; with --json standard output is one object alone. */

const everything = ['roots', 'helpers', 'reference', 'bundles', 'tapes'] as const;

test.group('commands', () => {
  for (const command of ['doctor', 'hosts', 'clean --dry-run', 'gate --list']) {
    test(`${command} says it for people, and as one object for programs`, async ({ assert }) => {
      const forPeople = await redoubt(command.split(' '));
      assert.equal(forPeople.exitCode, 0, forPeople.stderr);
      assert.isNotEmpty(forPeople.stdout);
      assert.equal(object(await redoubt([...command.split(' '), '--json']))['schemaVersion'], 1);
    });
  }

  test('the oldest kernel is promised on the first host alone, and initdb under it where it is asked for', async ({
    assert,
  }) => {
    const words = ['gate', '--list', '--pg', '17', '--hosts', 'debian:11,debian:12', '--suites', 'contract'];
    const promised = async (more: readonly string[]): Promise<readonly string[]> =>
      (await redoubt([...words, ...more])).stdout.split('\n').filter((line) => line.includes('/kernel-5.10'));
    assert.deepEqual(await promised([]), ['pg17/debian:11/contract/kernel-5.10']);
    assert.deepEqual(await promised(['--kernel-floor']), [
      'pg17/debian:11/contract/kernel-5.10',
      'pg17/debian:11/contract/kernel-5.10-initdb',
    ]);
  });

  test('help of every command goes to standard output with exit 0', async ({ assert }) => {
    const all = await redoubt(['--help']);
    assert.equal(all.exitCode, 0);
    assert.match(all.stdout, /Exit codes: 0 compatible, 1 incompatible, 2 usage, 3 infrastructure/);
    for (const command of [
      'gate',
      'capture',
      'replay',
      'inspect',
      'bundle',
      'hosts',
      'doctor',
      'clean',
      'test',
    ]) {
      assert.include(all.stdout, `\n  ${command} `);
      const { exitCode, stdout, stderr } = await redoubt([command, '--help']);
      assert.equal(exitCode, 0);
      assert.equal(stderr, '');
      assert.match(stdout, new RegExp(`^Usage: redoubt ${command}`));
    }
  });

  test('a bundle built twice is the same bytes', async ({ assert }) => {
    await using place = await Workplace.open(['roots', 'helpers']);
    const digests = [];
    for (const name of ['one.tar.zst', 'two.tar.zst']) {
      const built = object(
        await redoubt(['bundle', 'build', '--out', join(place.out, name), '--json'], place.env),
      );
      assert.equal(built['path'], join(place.out, name));
      digests.push(built['digest']);
    }
    assert.match(String(digests[0]), /^[0-9a-f]{64}$/);
    assert.equal(digests[0], digests[1]);
    assert.deepEqual(await readdir(place.out), ['one.tar.zst', 'two.tar.zst']);
  });

  test('a capture can be replayed, by a path as the user types it', async ({ assert }) => {
    await using place = await Workplace.open(everything);
    const captured = object(
      await redoubt(['capture', '--pg', '17', '--scale', 'small', '--out', place.out, '--json'], place.env),
    );
    assert.isAbove(Number(captured['requests']), 100);
    const typed = relative('.', place.out);
    const { exitCode, stdout, stderr } = await redoubt(
      ['replay', typed, '--hosts', 'debian:12', '--report', join(place.temporary, 'report'), '--json'],
      place.env,
    );
    assert.equal(exitCode, 0, stderr);
    const report = JSON.parse(stdout) as Report;
    assert.equal(report.verdict, 'compatible');
    assert.equal(report.differences, 0);
  });

  test('two gates at once on one cache both pass, and capture only once', async ({ assert }) => {
    await using place = await Workplace.open(['roots', 'helpers', 'reference', 'bundles']);
    const outcomes = await Promise.all(
      ['one', 'two'].map((name) =>
        redoubt(
          `gate --pg 17 --hosts debian:12 --suites walredo --json --report ${join(place.temporary, name)}`.split(
            ' ',
          ),
          place.env,
        ),
      ),
    );
    for (const { exitCode, stdout, stderr } of outcomes) {
      assert.equal(exitCode, 0, stderr);
      assert.equal((JSON.parse(stdout) as Report).verdict, 'compatible');
    }
    // Each of both may make some of the tapes while the other one waits.
    const made = outcomes.flatMap(
      ({ stderr }) => stderr.match(/tape 17 \S+: splitting the WAL by page/g) ?? [],
    );
    assert.sameMembers(
      made,
      ['records', 'images', 'every-record'].map((kind) => `tape 17 ${kind}: splitting the WAL by page`),
    );
    assert.deepEqual(await place.halfMade(), []);
  });
});

/** Standard output as the one object that it must be. */
function object({ stdout }: CommandOutcome): Readonly<Record<string, unknown>> {
  return JSON.parse(stdout) as Readonly<Record<string, unknown>>;
}
