import { mkdir, open, rename, truncate } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';
import { execa } from 'execa';

import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { redoubt } from '../support/redoubt-command.ts';
import { smallTape } from '../support/small-tape.ts';

/* A tape that is not what was written judges nothing: exit 3, and the file is named. */

test.group('damaged tapes', (group) => {
  let scratch: TemporaryDirectory;
  let copy: string;
  group.each.setup(async () => {
    scratch = await temporaryDirectory('a damaged tape');
    copy = join(scratch.path, 'tape');
    await execa('cp', ['-a', (await smallTape(17)).directory, copy]);
    return async () => {
      await scratch[Symbol.asyncDispose]();
    };
  });

  const damages: readonly {
    readonly name: string;
    readonly says: RegExp;
    readonly damage: (tape: string) => Promise<unknown>;
  }[] = [
    ...(['requests', 'index', 'oracle', 'manifest.json'] as const).flatMap((file) => [
      {
        name: `${file} cut in the middle`,
        says: new RegExp(`damaged tape: .*/${file}: `),
        damage: async (tape: string) => truncate(join(tape, file), 1000),
      },
      {
        name: `${file} empty`,
        says: new RegExp(`damaged tape: .*/${file}: `),
        damage: async (tape: string) => truncate(join(tape, file), 0),
      },
    ]),
    ...(['requests', 'index', 'oracle'] as const).flatMap((file) => [
      {
        name: `a byte of ${file} flipped`,
        says: new RegExp(`/${file}: its sha256 differs from the manifest`),
        damage: (tape: string) => flipByte(join(tape, file), 5000),
      },
      {
        name: `${file} missing`,
        says: new RegExp(`/${file}: the file is missing`),
        damage: (tape: string) => rename(join(tape, file), join(tape, 'elsewhere')),
      },
    ]),
  ];

  for (const { name, says, damage } of damages) {
    test(name, async ({ assert }) => {
      await damage(copy);
      const directory = join(scratch.path, 'report');
      const { exitCode, stdout, stderr } = await redoubt(['replay', copy, '--report', directory]);
      assert.equal(exitCode, 3, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, says);
      assert.match(stderr, /Take a fresh copy, or make it again with `redoubt capture`/);
    });
  }

  test('a tape whose folder is empty is a usage error', async ({ assert }) => {
    await mkdir(join(scratch.path, 'empty'));
    const { exitCode } = await redoubt(['replay', join(scratch.path, 'empty')]);
    assert.equal(exitCode, 2);
  });
});

async function flipByte(path: string, offsetBytes: number): Promise<void> {
  await using file = await open(path, 'r+');
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, offsetBytes);
  await file.write(Uint8Array.of((buffer[0] ?? 0) ^ 1), 0, 1, offsetBytes);
}
