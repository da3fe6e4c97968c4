import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { controlGroups } from '../../../harness/host/chroot/control-groups.ts';
import { ownerToken } from '../../../harness/host/owner.ts';
import { childrenWith, processesWith, until, untilThereIs } from '../support/processes.ts';
import { rejection } from '../support/rejection.ts';
import { debianHost } from '../support/shared-host.ts';
import { SmallMemory } from '../support/small-memory.ts';

const exited = { kind: 'exited', exitCode: 7 };

test.group('signals', () => {
  test('reach the process itself', async ({ assert }) => {
    await using host = await debianHost();
    await using running = await host.start({
      argv: ['/usr/bin/perl', '-e', '$SIG{USR1} = sub { exit 42 }; $| = 1; print "ready"; sleep 1000'],
    });
    await once(running.stdout as NodeJS.ReadableStream, 'data');
    running.signal('SIGUSR1');
    assert.deepEqual((await running.result).ending, { kind: 'exited', exitCode: 42 });
    running.signal('SIGTERM');
  });

  test('end it as they say', async ({ assert }) => {
    await using host = await debianHost();
    const running = await host.start({ argv: ['/bin/sleep', '1000'] });
    running.signal('SIGTERM');
    assert.deepEqual((await running.result).ending, {
      kind: 'signaled',
      signal: 'SIGTERM',
      coreDumped: false,
    });
  });

  test('kill ends it with all that it started, and resolves when none is left', async ({ assert }) => {
    const marker = randomUUID();
    await using host = await debianHost();
    const running = await host.start({ argv: ['/bin/sh', '-c', 'setsid sleep 1000 & sleep 1000', marker] });
    await untilThereIs(marker);
    const result = await running.kill();
    assert.deepEqual(result.ending, { kind: 'signaled', signal: 'SIGKILL', coreDumped: false });
    assert.isEmpty(await processesWith(marker));
    assert.deepEqual(await running.kill(), result);
  });

  test('closing the host ends everything in it', async ({ assert }) => {
    const marker = randomUUID();
    const host = await debianHost();
    const running = await Promise.all(
      Array.from({ length: 5 }, () => host.start({ argv: ['/bin/sh', '-c', 'sleep 1000; exit', marker] })),
    );
    await host[Symbol.asyncDispose]();
    assert.isEmpty(await processesWith(marker));
    for (const { result } of running) assert.equal((await result).ending.kind, 'signaled');
  });
});

test.group('the death of those above', () => {
  test('a harness that gets {$self} takes everything with it')
    .with(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)
    .run(async ({ assert }, signal) => {
      const marker = randomUUID();
      const harness = spawn(
        process.execPath,
        [join(import.meta.dirname, '../support/start-and-wait.ts'), marker],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      await once(harness.stdout, 'data');
      const groups = await groupsOf(harness.pid);
      await untilThereIs(marker);
      harness.kill(signal);
      await once(harness, 'exit');
      await until(async () => (await processesWith(marker)).length === 0);
      if ((await controlGroups()).mechanism !== 'rlimit') {
        assert.isNotEmpty(groups);
        await until(async () => (await groupsOf(harness.pid)).length === 0);
      }
    });

  test('a supervisor that is killed takes the process with it, and that is said', async ({ assert }) => {
    const marker = randomUUID();
    await using host = await debianHost();
    const before = new Set(await childrenWith('redoubt-enter'));
    const running = await host.start({ argv: ['/bin/sh', '-c', 'sleep 1000; exit', marker] });
    for (const pid of await childrenWith('redoubt-enter')) if (!before.has(pid)) process.kill(pid, 'SIGKILL');
    const error = await rejection(running.result);
    assert.equal(error.kind, 'infrastructure');
    assert.equal(error.code, 'supervisor-lost');
    await until(async () => (await processesWith(marker)).length === 0);
  });
});

test.group('a machine that runs out of memory', () => {
  test('is not the fault of what its kernel kills, nor of what goes on without that', async ({ assert }) => {
    await using machine = await SmallMemory.open(64 << 20);
    const eat = `perl -e 'my $x = "x" x 200_000_000'`;
    for (const script of [`exec ${eat}`, `${eat}; exit 0`]) {
      await using running = await machine?.start(script);
      const error = running === undefined ? undefined : await rejection(running.result);
      assert.equal(error?.code ?? 'process-killed', 'process-killed', script);
      assert.match(error?.message ?? '', /out-of-memory killer, below its own limit|^$/);
    }
    await using small = await machine?.start('exit 7');
    assert.deepEqual((await small?.result)?.ending ?? exited, exited);
  });
});

test.group('many at once', () => {
  test('do not disturb each other', async ({ assert }) => {
    await using host = await debianHost();
    const exitCodes = Array.from({ length: 40 }, (_, index) => index);
    const results = await Promise.all(
      exitCodes.map((exitCode) =>
        host.run({
          argv: ['/bin/sh', '-c', `echo ${exitCode}; exit ${exitCode}`],
          limits: { memoryBytes: 1 << 26, processes: 10 },
        }),
      ),
    );
    assert.deepEqual(
      results.map(({ ending, stdout }) => [ending, stdout.toString()]),
      exitCodes.map((exitCode) => [{ kind: 'exited', exitCode }, `${exitCode}\n`]),
    );
    assert.isEmpty(await groupsOf(process.pid));
  });
});

/** Control groups that a process of this machine made and that still stand. */
async function groupsOf(pid: number | undefined): Promise<readonly string[]> {
  const { memoryParent, pidsParent } = await controlGroups();
  const parents = [memoryParent, pidsParent].filter((parent) => parent !== undefined);
  const names = (await Promise.all(parents.map((parent) => readdir(parent)))).flat();
  const [, , namespace] = ownerToken().split('-');
  return names.filter(
    (name) => name.startsWith(`redoubt-${pid?.toString(36)}-`) && name.includes(`-${namespace}-`),
  );
}
