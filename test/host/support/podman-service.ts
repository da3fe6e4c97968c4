import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { connectDocker } from '../../../harness/host/docker/docker-client.ts';
import type { DockerConnection } from '../../../harness/host/docker/docker-daemon.ts';
import { ensureTools } from '../../../harness/host/machine/prerequisites.ts';
import { silent } from '../../../harness/host/progress.ts';
import { daemonDirectory, temporaryDirectory } from '../../../harness/host/run-directory.ts';
import { until } from './processes.ts';

/**
 * podman's Docker API over images and containers of its own, at the place where this process's own Docker daemon would
 * listen: testcontainers keeps its client for good.
 */
export async function startPodman(): Promise<DockerConnection> {
  // crun refuses the mixed control groups that some machines have.
  await ensureTools(silent, [
    { program: 'podman', package: 'podman' },
    { program: 'runc', package: 'runc' },
  ]);
  await using stack = new AsyncDisposableStack();
  const place = stack.use(await daemonDirectory('docker'));
  const images = stack.use(await temporaryDirectory("podman's images"));
  const socket = join(place.path, 'docker.sock');
  const child = spawn(
    'podman',
    [
      '--runtime=runc',
      '--cgroup-manager=cgroupfs',
      `--root=${images.path}`,
      `--runroot=${join(place.path, 'run')}`,
      'system',
      'service',
      '--time=0',
      `unix://${socket}`,
    ],
    // Its containers' monitor leaves a file where it is started.
    { stdio: 'ignore', cwd: images.path },
  );
  const ended = once(child, 'exit');
  stack.defer(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  await until(async () => Promise.resolve(existsSync(socket) || child.exitCode !== null));
  process.env['DOCKER_HOST'] = `unix://${socket}`;
  stack.defer(() => {
    delete process.env['DOCKER_HOST'];
  });
  const client = await connectDocker();
  const kept = stack.move();
  return { ...client, isShared: false, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
