import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { controlGroups } from '../../harness/host/chroot/control-groups.ts';
import type { Limits, ProcessSpec } from '../../harness/host/engine.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { type EngineBench, forEachEngine } from './support/engines.ts';

async function hasNoPidsGroup(): Promise<boolean> {
  return (await controlGroups()).pidsParent === undefined;
}

/** Runs a shell script under limits; its standard output stays as it is. */
function shellOf({ openHost }: EngineBench) {
  return async (script: string, limits: Limits, spec: Omit<ProcessSpec, 'argv' | 'limits'> = {}) => {
    await using host = await openHost();
    return await host.run({ argv: ['/bin/sh', '-c', script], limits, ...spec });
  };
}

const eatMemory = `perl -e 'my @a; push @a, "x" x 1_000_000 for 1 .. 400'`;

forEachEngine('memory', (bench) => {
  const shell = shellOf(bench);
  test('one process that takes too much', async ({ assert }) => {
    const { ending, limitMechanism } = await shell(`exec ${eatMemory}`, { memoryBytes: 100 << 20 });
    assert.equal(limitMechanism, (await controlGroups()).mechanism);
    if (limitMechanism === 'rlimit') assert.notDeepEqual(ending, { kind: 'exited', exitCode: 0 });
    else assert.deepEqual(ending, { kind: 'limited', limit: 'memory' });
  });

  test('several that take too much together', async ({ assert }) => {
    const third = `perl -e 'my $x = "x" x 60_000_000; sleep 1000'`;
    const { ending } = await shell(`${third} & ${third} & ${third} & wait`, {
      memoryBytes: 150 << 20,
      wallTimeMs: 60_000,
    });
    assert.deepEqual(ending, { kind: 'limited', limit: 'memory' });
  }).skip(async () => (await controlGroups()).mechanism === 'rlimit', 'rlimits know single processes only');

  test('a process that stays below is left alone', async ({ assert }) => {
    const { ending } = await shell(`exec ${eatMemory.replace('400', '50')}`, { memoryBytes: 100 << 20 });
    assert.deepEqual(ending, { kind: 'exited', exitCode: 0 });
  });
});

forEachEngine('time', (bench) => {
  const shell = shellOf(bench);
  test('a process that hangs, with all that it started', async ({ assert }) => {
    const { ending, wallTimeMs } = await shell('trap "" TERM INT; sleep 1000 & sleep 1000', {
      wallTimeMs: 200,
    });
    assert.deepEqual(ending, { kind: 'limited', limit: 'wall-time' });
    assert.isAtLeast(wallTimeMs, 200);
  });

  test('a process that is quick enough', async ({ assert }) => {
    assert.deepEqual((await shell('exit 3', { wallTimeMs: 60_000 })).ending, { kind: 'exited', exitCode: 3 });
  });
});

forEachEngine('output', (bench) => {
  const shell = shellOf(bench);
  test('through a pipe: what fits is kept', async ({ assert }) => {
    const { ending, stdout } = await shell('yes', { outputBytes: 100_000 });
    assert.deepEqual(ending, { kind: 'limited', limit: 'output' });
    assert.lengthOf(stdout, 100_000);
  });

  test('through a pipe: exactly as much as may be', async ({ assert }) => {
    const { ending, stdout } = await shell('head -c 100000 /dev/zero', { outputBytes: 100_000 });
    assert.deepEqual(ending, { kind: 'exited', exitCode: 0 });
    assert.lengthOf(stdout, 100_000);
  });

  test('into a file', async ({ assert }) => {
    await using directory = await temporaryDirectory('output');
    const path = join(directory.path, 'out');
    const { ending } = await shell('exec yes', { outputBytes: 100_000 }, { stdout: { kind: 'file', path } });
    assert.deepEqual(ending, { kind: 'limited', limit: 'output' });
    assert.equal((await stat(path)).size, 100_000);
  });

  test('into a file, by a process that ignores the signal', async ({ assert }) => {
    await using directory = await temporaryDirectory('output');
    const path = join(directory.path, 'out');
    const { ending } = await shell(
      'trap "" XFSZ; exec yes',
      { outputBytes: 100_000 },
      { stdout: { kind: 'file', path } },
    );
    assert.deepEqual(ending, { kind: 'limited', limit: 'output' });
    assert.equal((await stat(path)).size, 100_000);
  });

  test('into a file, exactly as much as may be', async ({ assert }) => {
    await using directory = await temporaryDirectory('output');
    const path = join(directory.path, 'out');
    const { ending } = await shell(
      'head -c 100000 /dev/zero',
      { outputBytes: 100_000 },
      { stdout: { kind: 'file', path } },
    );
    assert.deepEqual(ending, { kind: 'exited', exitCode: 0 });
    assert.equal((await stat(path)).size, 100_000);
  });

  test('of standard error only the end is kept', async ({ assert }) => {
    const { stderr } = await shell('head -c 3000000 /dev/zero | tr "\\0" x >&2; echo end >&2', {});
    assert.lengthOf(stderr, 2 ** 20);
    assert.isTrue(stderr.endsWith('xend\n'));
  });
});

forEachEngine('processes', (bench) => {
  const shell = shellOf(bench);
  test('no more than are allowed', async ({ assert }) => {
    const { stderr, ending } = await shell('for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done; echo started', {
      processes: 4,
    });
    assert.notDeepEqual(ending, { kind: 'exited', exitCode: 0 });
    assert.include(stderr, 'Cannot fork');
  }).skip(hasNoPidsGroup, 'rlimits count all processes of the user');

  test('as many as are allowed', async ({ assert }) => {
    const { stdout } = await shell('for i in 1 2 3; do sleep 1000 & done; echo started', { processes: 4 });
    assert.equal(stdout.toString(), 'started\n');
  }).skip(hasNoPidsGroup, 'rlimits count all processes of the user');
});

forEachEngine('streams', (bench) => {
  const shell = shellOf(bench);
  test('a file as standard input, from an offset on', async ({ assert }) => {
    await using host = await bench.openHost();
    const source = import.meta.filename;
    const offsetBytes = 1000;
    const { stdout } = await host.run({
      argv: ['/bin/cat'],
      stdin: { kind: 'file', path: source, offsetBytes },
    });
    assert.equal(stdout.toString('utf8'), (await readFile(source)).subarray(offsetBytes).toString('utf8'));
  });

  test('a file as standard output is truncated, or appended to', async ({ assert }) => {
    await using directory = await temporaryDirectory('streams');
    const path = join(directory.path, 'out');
    await shell('echo long long long', {}, { stdout: { kind: 'file', path } });
    await shell('echo one', {}, { stdout: { kind: 'file', path } });
    await shell(
      'echo two; echo three >&2',
      {},
      { stdout: { kind: 'file', path, append: true }, stderr: { kind: 'file', path, append: true } },
    );
    assert.equal(await readFile(path, 'utf8'), 'one\ntwo\nthree\n');
  });

  test('nothing as standard input by default', async ({ assert }) => {
    assert.equal((await shell('wc -c', {})).stdout.toString().trim(), '0');
  });

  test('pipes both ways', async ({ assert }) => {
    await using host = await bench.openHost();
    await using running = await host.start({ argv: ['/usr/bin/tr', 'a-z', 'A-Z'], stdin: { kind: 'pipe' } });
    running.stdin?.end('hello');
    const chunks: Buffer[] = [];
    for await (const chunk of running.stdout ?? []) chunks.push(chunk as Buffer);
    assert.equal(Buffer.concat(chunks).toString(), 'HELLO');
    assert.deepEqual((await running.result).ending, { kind: 'exited', exitCode: 0 });
  });

  test('writing to a process that has gone is no crash', async ({ assert }) => {
    await using host = await bench.openHost();
    await using running = await host.start({ argv: ['/bin/true'], stdin: { kind: 'pipe' } });
    await running.result;
    const { promise, resolve } = Promise.withResolvers<Error | null | undefined>();
    running.stdin?.write('x'.repeat(1_000_000), resolve);
    assert.instanceOf(await promise, Error);
  });
});
