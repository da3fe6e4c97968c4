import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { containerLabel } from '../../../harness/host/docker/container-options.ts';
import { type DockerConnection, ensureDocker } from '../../../harness/host/docker/docker-daemon.ts';
import { openDockerHost } from '../../../harness/host/docker/docker-host.ts';
import { findDockerLeftovers, removeDockerLeftover } from '../../../harness/host/docker/docker-leftovers.ts';
import type { Host } from '../../../harness/host/engine.ts';
import { findLeftovers, removeLeftovers } from '../../../harness/host/leftovers.ts';
import { silent } from '../../../harness/host/progress.ts';
import { childrenWith, processesWith, until, untilThereIs } from '../support/processes.ts';
import { rejection } from '../support/rejection.ts';
import { debianRoot } from '../support/shared-host.ts';

const fixture = join(import.meta.dirname, '../support/start-in-docker.ts');

async function hostOf(docker: DockerConnection): Promise<Host> {
  const { path, key } = await debianRoot();
  return openDockerHost({ name: 'debian:12', path, key }, docker);
}

function sleeper(marker: string) {
  return { argv: ['/bin/sh', '-c', 'sleep 1000; exit', marker] } as const;
}

async function containersOf({ api }: DockerConnection): Promise<readonly string[]> {
  const found = await api.listContainers({ all: true, filters: { label: [containerLabel] } });
  return found.map(({ Id: id }) => id);
}

/** Temporary folders and control groups of a process of this machine. */
async function tracesOf(pid: number): Promise<readonly string[]> {
  const prefix = `redoubt-${pid.toString(36)}-`;
  const places = [tmpdir(), '/run', '/sys/fs/cgroup', '/sys/fs/cgroup/memory', '/sys/fs/cgroup/pids'];
  const found = await Promise.all(
    places.map(async (place) =>
      (await readdir(place).catch(() => []))
        .filter((name) => name.startsWith(prefix))
        .map((name) => join(place, name)),
    ),
  );
  return found.flat();
}

test.group('the death of those around a container', () => {
  test('a container that somebody ends is an error of its own, and is removed', async ({ assert }) => {
    const marker = randomUUID();
    await using docker = await ensureDocker(silent);
    await using host = await hostOf(docker);
    const running = await host.start(sleeper(marker));
    const [id = ''] = await containersOf(docker);
    await docker.api.getContainer(id).kill();
    const error = await rejection(running.result);
    assert.equal(error.kind, 'infrastructure');
    assert.equal(error.code, 'container-lost');
    assert.match(error.message, /was ended from outside: exit code 137/);
    assert.isEmpty(await containersOf(docker));
    assert.isEmpty(await processesWith(marker));
  });

  test('a container that is ended before it is let in is the same error', async ({ assert }) => {
    await using docker = await ensureDocker(silent);
    await using host = await hostOf(docker);
    const { api } = docker;
    const createContainer = api.createContainer.bind(api);
    using _ = { [Symbol.dispose]: () => (api.createContainer = createContainer) };
    api.createContainer = async (options: Parameters<typeof createContainer>[0]) => {
      const container = await createContainer(options);
      // What the daemon answers between a container's end and hearing of it.
      container.update = async () => {
        await container.kill();
        throw new Error(
          'Cannot update container: runc did not terminate successfully: container not running',
        );
      };
      return container;
    };
    const error = await rejection(host.run({ ...sleeper(randomUUID()), limits: { processes: 100 } }));
    assert.equal(error.code, 'container-lost');
    assert.match(error.message, /was ended from outside: exit code 137/);
    assert.isEmpty(await containersOf(docker));
  });

  test('a supervisor that is killed takes the container with it', async ({ assert }) => {
    const marker = randomUUID();
    await using docker = await ensureDocker(silent);
    await using host = await hostOf(docker);
    const before = new Set(await childrenWith('redoubt-enter'));
    const running = await host.start(sleeper(marker));
    for (const pid of await childrenWith('redoubt-enter')) if (!before.has(pid)) process.kill(pid, 'SIGKILL');
    assert.equal((await rejection(running.result)).code, 'supervisor-lost');
    await until(async () => (await processesWith(marker)).length === 0);
    assert.isEmpty(await containersOf(docker));
  });

  test('a daemon that dies is an error of its own, in the middle of a process and before one', async ({
    assert,
  }) => {
    const marker = randomUUID();
    await using docker = await ensureDocker(silent);
    assert.isFalse(docker.isShared, 'this test ends its daemon, and must not end somebody else’s');
    await using host = await hostOf(docker);
    const running = await host.start(sleeper(marker));
    for (const pid of await processesWith(
      `dockerd --host=${process.env['DOCKER_HOST'] ?? ''}`.replace(' ', '\0'),
    ))
      process.kill(pid, 'SIGKILL');
    const error = await rejection(running.result);
    assert.equal(error.kind, 'infrastructure');
    assert.equal(error.code, 'docker-unreachable');
    assert.equal((await rejection(host.run(sleeper(marker)))).code, 'docker-unreachable');
    await until(async () => (await processesWith(marker)).length === 0);
  });

  test('a harness that gets {$self} takes its daemon and all with it, and the next run clears away')
    .with(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)
    .run(async ({ assert }, signal) => {
      const marker = randomUUID();
      const harness = spawn(process.execPath, [fixture, marker], { stdio: ['ignore', 'pipe', 'inherit'] });
      const gone = once(harness, 'exit');
      await once(harness.stdout, 'data');
      const pid = harness.pid ?? 0;
      const place = `redoubt-${pid.toString(36)}-`;
      await untilThereIs(marker);
      await untilThereIs(place);
      harness.kill(signal);
      await gone;
      await until(async () => (await processesWith(marker)).length === 0);
      await until(async () => (await processesWith(place)).length === 0);
      await removeLeftovers((await findLeftovers()).filter(({ path }) => path.includes(place)));
      assert.isEmpty(await tracesOf(pid));
    });

  test('a container that a dead harness left in a shared daemon is found by its label', async ({
    assert,
  }) => {
    const marker = randomUUID();
    await using docker = await ensureDocker(silent);
    const harness = spawn(process.execPath, [fixture, marker], { stdio: ['ignore', 'pipe', 'inherit'] });
    const gone = once(harness, 'exit');
    await once(harness.stdout, 'data');
    const [id = ''] = await containersOf(docker);
    assert.isEmpty(await findDockerLeftovers());
    harness.kill('SIGKILL');
    await gone;
    await until(async () => (await processesWith(marker)).length === 0);
    const left = await findDockerLeftovers();
    assert.deepEqual(left, [{ kind: 'container', id }]);
    for (const leftover of left) await removeDockerLeftover(leftover);
    assert.isEmpty(await containersOf(docker));
    for (const leftover of left) await removeDockerLeftover(leftover);
    await removeLeftovers(
      (await findLeftovers()).filter(({ path }) =>
        path.includes(`redoubt-${(harness.pid ?? 0).toString(36)}-`),
      ),
    );
  });
});
